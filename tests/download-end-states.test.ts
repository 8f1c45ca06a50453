/** Watching a task's results until it ends, in each state that is no success: failed frames, given up, failed as a whole. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { DownloadFailed, RayvisionAPI, RayvisionDownload } from '@croft/sdk';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { type ServerFarm, startServer } from './support/farm.ts';
import { HandRenderer } from './support/hand-rendering.ts';
import { filesBelow } from './support/pixels.ts';
import { sdkSet, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

const DONE_WITH_FAILED = '30';
const ABANDONED = '35';
const FAILED = '45';

interface Watched {
  readonly taskId: number;
  readonly renderer: HandRenderer;
  /** Until a file of the task lies in all folders. */
  first(): Promise<unknown>;
  abandon(): Promise<unknown>;
}
/** How a task of two frames comes to its end while it is watched, and how many files of it there are then. */
const ENDS: Readonly<
  Record<string, { readonly end: (task: Watched) => Promise<unknown>; readonly files: number }>
> = {
  [DONE_WITH_FAILED]: {
    files: 1,
    async end({ taskId, renderer, first }) {
      await renderer.render(1, first);
      await renderer.fail(taskId, 3);
    },
  },
  [ABANDONED]: {
    files: 1,
    async end({ renderer, first, abandon }) {
      await renderer.render(1, first);
      await abandon();
    },
  },
  [FAILED]: { files: 0, end: ({ taskId, renderer }) => renderer.fail(taskId, 6) },
};

describeWith(['blender', 'python'], 'a watch of results', () => {
  let folder: string;
  let farm: ServerFarm;
  let renderer: HandRenderer;
  let key: { accessId: string; accessKey: string };
  const newest = sdkSet('newest');

  beforeAll(async () => {
    newest.install();
    folder = temporaryFolder();
    makeScene(
      folder,
      `card('Card', glowing('Glow'))
scene.frame_end = 2
save(os.path.join(FOLDER, 'shot.blend'))`,
    );
    farm = await startServer();
    key = await farm.json('keys', 'create', '--home', farm.home);
    renderer = new HandRenderer(farm);
    await renderer.join();
  }, 600_000);

  it('fetches what there is, ends with the task, and fails only where the last look found nothing', async () => {
    const domain = new URL(farm.url).host;
    const { path } = await farm.json<{ path: string }>('transmitter', join(folder, 'transmitter'));
    const args = [domain, key.accessId, key.accessKey, folder, path, ...Object.keys(ENDS)];
    const python = startPython(newest.install(), 'watch_to_the_end.py', args, folder);
    const api = new RayvisionAPI({ ...key, domain, protocol: 'http', platform: '2', logger: silentLog });
    const ours = new RayvisionDownload(api, { logger: silentLog });
    for (const [code, { end, files }] of Object.entries(ENDS)) {
      const { taskId } = await farm.json<{ taskId: number }>(
        'render',
        join(folder, 'shot.blend'),
        '--detach',
      );
      const places = [join(folder, code), join(folder, `ours ${code}`)];
      writeFileSync(join(folder, 'id'), String(taskId));
      renameSync(join(folder, 'id'), join(folder, `${code}.id`));
      const watch = ours
        .autoDownload({ taskIdList: [taskId], sleepTime: 1, localPath: places[1]! })
        .catch((thrown: unknown) => thrown);
      const first = () =>
        eventually(`the first frame of ${code}`, () =>
          places.every((place) => existsSync(place) && filesBelow(place).length === 1),
        );
      const abandon = () => farm.json('abandon', String(taskId));
      await end({ taskId, renderer, first, abandon });

      const theirs = await python.next(code);
      expect(theirs.codes).toEqual([code]);
      expect(theirs.result).toBe(files > 0 ? true : 'DownloadFailed');
      const result = await watch;
      if (files > 0) expect(result).toBe(true);
      else expect(result).toBeInstanceOf(DownloadFailed);
      for (const place of places) {
        const found = existsSync(place) ? filesBelow(place) : [];
        expect(found).toHaveLength(files);
        for (const file of found) expect(readFileSync(join(place, file), 'utf8')).toContain(`of ${taskId}`);
      }
      expect(await ours.manageTask.isTaskEnd(taskId)).toBe(true);
    }
    expect(await python.ended).toBe(0);
  });
});
