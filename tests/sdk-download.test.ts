/** The documented download of the SDK in TypeScript, against a farm that renders. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { DownloadFailed, RayvisionAPI, RayvisionDownload } from '@croft/sdk';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

describeWith(['blender'], 'the documented download', () => {
  it('fetches frames as they finish, tasks that ended, paths and assets, in both forms of names', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `animate(card('Card', glowing('White'), size=2))
scene.render.resolution_x, scene.render.resolution_y = 160, 120
scene.frame_end = 3
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    const scene = join(folder, 'scene.blend');
    const farm = await startFarm();
    const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create');
    const domain = new URL(farm.url).host;
    const api = new RayvisionAPI({ ...key, domain, protocol: 'http', platform: '2', logger: silentLog });
    const said: Record<'info' | 'debug', string[]> = { info: [], debug: [] };
    const logger = {
      ...silentLog,
      info: (_facts: object, text: string) => void said.info.push(text),
      debug: (_facts: object, text: string) => void said.debug.push(text),
    };
    const environment = { home: join(folder, 'home') } as never;
    const download = new RayvisionDownload(api, { logger, environment });

    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--detach');
    const name = `${taskId}_scene`;
    const auto = join(folder, 'auto');
    await download.autoDownload({
      taskIdList: [taskId],
      sleepTime: 0.5,
      downloadFilenameFormat: 'false',
      localPath: auto,
    });
    const frames = readdirSync(auto).sort();
    expect(frames).toHaveLength(3);
    expect(said.info.join('\n')).not.toContain('file done');
    expect(said.info).toContain(`The tasks end: ${taskId}`);
    expect(said.debug.join('\n')).toContain('download file done');
    expect(await download.manageTask.isTaskEnd(taskId)).toBe(true);

    // By default below the user's home, in a folder of the results' own name; again moves nothing.
    await download.download({ taskIdList: [taskId] });
    const usual = join(folder, 'home', 'renderfarm_sdk', name);
    expect(readdirSync(usual).sort()).toEqual(frames);
    expect(said.info.filter((line) => line.startsWith('download file done'))).toHaveLength(3);
    const inode = statSync(join(usual, frames[0]!)).ino;
    await download.download({ taskIdList: [taskId] });
    expect(said.info).toContain(`3 files at /${name}, 3 of them are here already`);
    expect(statSync(join(usual, frames[0]!)).ino).toBe(inode);

    const after = join(folder, 'after');
    const list = [taskId];
    await download.autoDownloadAfterTaskCompleted({ taskIdList: list, sleepTime: 0, localPath: after });
    expect(readdirSync(join(after, name)).sort()).toEqual(frames);
    expect(list).toEqual([taskId]);

    // One file, a list of paths, and what was uploaded.
    const paths = join(folder, 'paths');
    await download.download({
      serverPath: [`${name}/${frames[0]}`, `/${name}/${frames[1]}`],
      downloadFilenameFormat: false,
      localPath: paths,
      maxSpeed: '100000',
    });
    expect(readdirSync(paths).sort()).toEqual(frames.slice(0, 2));
    const assets = join(folder, 'assets');
    await download.download({ serverPath: scene, asset: true, localPath: assets });
    const [sent] = filesBelow(assets);
    expect(readFileSync(join(assets, sent!)).equals(readFileSync(scene))).toBe(true);
    expect(join('/', sent!)).toBe(scene);

    // What differs, by the rule.
    writeFileSync(join(auto, frames[0]!), 'mine');
    const again = { taskIdList: [taskId], downloadFilenameFormat: 'false', localPath: auto } as const;
    await download.download({ ...again, existing: 'keep' });
    expect(readdirSync(auto)).toHaveLength(3);
    await download.download({ ...again, existing: 'rename' });
    expect(readFileSync(join(auto, frames[0]!), 'utf8')).toBe('mine');
    expect(statSync(join(auto, `(1)${frames[0]}`)).size).toBeGreaterThan(100);
    await download.download(again);
    expect(readFileSync(join(auto, frames[0]!), 'utf8')).not.toBe('mine');

    // Failures.
    const nothing = { serverPath: 'no/such/path', localPath: paths };
    await expect(download.download(nothing)).rejects.toBeInstanceOf(DownloadFailed);
    await expect(download.download({})).rejects.toMatchObject({ errorCode: 601 });
    await expect(download.download({ ...nothing, maxSpeed: 'fast' })).rejects.toMatchObject({
      errorCode: 600,
    });
    await expect(download.autoDownload({ taskIdList: [99], sleepTime: 0 })).rejects.toThrow(/99|404/);
  }, 240_000);
});
