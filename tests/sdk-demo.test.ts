import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { farmSession, RayvisionAPI, RayvisionAPIError } from '@croft/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  downloadAsRendered,
  easiest,
  goOnAfterTheFirstFrames,
  importSdk,
  isSupported,
  onlyTheFirstFrame,
} from '../examples/sdk/faq.ts';
import { METHOD_TABLE, type MethodIds } from '../packages/sdk/src/rayvision/testing/method-table.ts';
import { makeScene } from './support/blender.ts';
import { type Outcome, outcomeOf, temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith, projectRoot } from './support/tools.ts';

/** Runs one of the demos as a user does. */
function demo(name: string, args: readonly string[], home: string): Promise<Outcome> {
  const file = join(projectRoot, 'examples', 'sdk', `${name}-demo.ts`);
  return outcomeOf(
    spawn(process.execPath, [file, ...args], {
      env: { ...process.env, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

interface Key {
  accessId: string;
  accessKey: string;
}

function connected(url: string, key: Key, generation: 1 | 2): RayvisionAPI {
  const domain = new URL(url).host;
  return new RayvisionAPI({ ...key, domain, protocol: 'http', platform: '2', generation, logger: silentLog });
}

describeWith(['blender'], 'the demo of the documented SDK, in TypeScript', () => {
  let folder: string;
  let scene: string;
  beforeAll(() => {
    folder = temporaryFolder();
    scene = join(folder, 'scene', 'shot.blend');
  });

  it('renders a Blender scene from file to frames; then every method finds its endpoint', async (context) => {
    makeScene(
      folder,
      `animate(card('Card', glowing('White'), size=2))
scene.frame_end = 2
save(os.path.join(FOLDER, 'scene', 'shot.blend'))`,
    );
    const farm = await startFarm();
    const key = await farm.json<Key>('keys', 'create', '--home', farm.home);
    const output = join(folder, 'out');
    const domain = new URL(farm.url).host;
    const done = await demo('blender', [domain, key.accessId, key.accessKey, scene, output], folder);
    expect(done, done.stdout + done.stderr).toMatchObject({ code: 0 });
    expect(done.stdout).toMatch(/task \d+ is done, \d+ files/);
    expect(filesBelow(output).filter((file) => file.endsWith('.png'))).toHaveLength(2);

    const taskId = Number(/task (\d+) is done/.exec(done.stdout)?.[1]);
    const api = connected(farm.url, key, 2);
    const [task] = (await api.query.taskInfo([taskId])).items;
    expect(task).toMatchObject({ id: taskId, taskStatus: 25, projectName: 'Project1', doneFrames: 2 });

    const [frame] = await api.query.getAllFrames(taskId);
    await api.tag.addTaskTag('of the test', [taskId]);
    const [tagged] = (await api.query.taskInfo([taskId])).items;
    const ids: MethodIds = {
      labelId: Number(Object.keys(JSON.parse(String(tagged?.labels)))[0]),
      taskId,
      frameId: Number(frame?.id),
      frameIndex: String(frame?.frameIndex),
      projectName: 'of-the-test',
      hardwareId: String((await api.user.getHardwareConfig())[0]?.id),
    };
    await everyMethod(farm.url, key, ids, (line) => context.annotate(line));

    const session = farmSession({ url: farm.url, ...key });
    try {
      const easy = await easiest(session, scene, join(folder, 'easy'));
      expect(easy).toMatchObject({ status: 25 });
      const live = await downloadAsRendered(session, easy.taskId, join(folder, 'live'));
      expect(live.files).toBeGreaterThanOrEqual(2);
    } finally {
      await session.close();
    }
  });
});

/** Sends the whole table, in both generations, to a real farm, which must take every call. */
async function everyMethod(
  url: string,
  key: Key,
  ids: MethodIds,
  note: (line: string) => void,
): Promise<void> {
  const failures: string[] = [];
  let answered = 0;
  for (const row of METHOD_TABLE) {
    for (const generation of row.generations ?? [1, 2]) {
      const api = connected(url, key, generation);
      try {
        await row.run(api, { ...ids, projectName: `${ids.projectName}-${generation}` });
        answered += 1;
      } catch (thrown) {
        if (!(thrown instanceof RayvisionAPIError)) throw thrown;
        failures.push(`${row.method}, generation ${generation}: ${thrown.message} (${thrown.request})`);
      }
    }
  }
  note(`${answered} calls answered`);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(60);
}

describe('where no analysis exists yet', () => {
  it.each([
    ['maya', 'shot.ma', '//Maya ASCII 2019 scene\n', 'Maya'],
    ['houdini', 'shot.hip', '070707HOU', 'Houdini'],
    ['clarisse', 'shot.project', '#Isotropix_Project_File\n', 'Clarisse'],
  ])('the %s demo stops with a clear error and sends nothing', async (name, file, content, app) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, file), content);
    const args = ['127.0.0.1:9', 'id', 'key', join(folder, file), join(folder, 'out')];
    const { code, stdout } = await demo(name, args, folder);
    expect(code).toBe(1);
    expect(stdout).toContain('AnalyseFailError');
    expect(stdout).toContain(`no analysis of ${app} scenes yet`);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('a demo without arguments says what to give, one with a wrong path that there is no such file', async () => {
    const folder = temporaryFolder();
    expect(await demo('maya', [], folder)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('SCENE'),
    });
    const args = ['127.0.0.1:9', 'id', 'key', join(folder, 'nosuch.ma'), join(folder, 'out')];
    expect((await demo('maya', args, folder)).stdout).toContain('CGFileNotExistsError');
  });
});

describe('the answers of the FAQ', () => {
  it('say where it runs and how it is imported', async () => {
    expect(isSupported()).toBe(true);
    expect(isSupported('18.0.0')).toBe(false);
    expect((await importSdk()).RayvisionAPI).toBe(RayvisionAPI);
  });

  it('change task.json', async () => {
    const file = join(temporaryFolder(), 'task.json');
    writeFileSync(file, JSON.stringify({ task_info: { pre_frames: '000', stop_after_test: '2' } }));
    const info = () => JSON.parse(readFileSync(file, 'utf8')).task_info;
    await onlyTheFirstFrame(file);
    expect(info()).toEqual({ pre_frames: '100', stop_after_test: '1' });
    await goOnAfterTheFirstFrames(file);
    expect(info()).toEqual({ pre_frames: '100', stop_after_test: '2' });
  });
});
