/** The real, unmodified rayvision_sync with tasks of every kind: where results land, when it goes on looking, when it ends. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { startServer } from './support/farm.ts';
import { HandRenderer, type ServerFarm } from './support/hand-rendering.ts';
import { filesBelow } from './support/pixels.ts';
import { SDK_SETS, type SdkSet, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

/** All that the SDK survives. */
const SAFE_CODES = new Set([0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45]);
const ODD_NAME = `odd $HOME \`x\` "y" 红.blend`;
const SCENE = `
card('Card', glowing('Glow'))
scene.view_layers[0].name = 'Near'
scene.view_layers.new('Far')
scene.frame_end = 2
save(os.path.join(FOLDER, 'shot.blend'))`;

describeWith(['blender', 'python'], 'the checklist of the transfer SDK', () => {
  let folder: string;
  let farm: ServerFarm;
  let renderer: HandRenderer;
  let exe: string;
  let tasks: { stopped: number; layered: number; odd: number };
  const submit = async (...args: string[]) =>
    (await farm.json<{ taskId: number }>('render', ...args, '--detach')).taskId;

  beforeAll(async () => {
    for (const set of SDK_SETS) if (set.isHere && set.name !== 'oldest') set.install();
    folder = temporaryFolder();
    makeScene(folder, SCENE);
    const scene = join(folder, 'shot.blend');
    farm = await startServer();
    ({ path: exe } = await farm.json<{ path: string }>('transmitter', join(folder, 'transmitter')));
    renderer = new HandRenderer(farm);
    // The farm learns from the node which versions there are.
    await renderer.join();
    cpSync(scene, join(folder, ODD_NAME));
    const odd = await submit(join(folder, ODD_NAME));
    await renderer.render(2);
    const layered = await submit(scene, '--layers');
    await renderer.render(4);
    await renderer.asleep();
    const stopped = await submit(scene);
    await farm.json('stop', String(stopped));
    await renderer.awake();
    tasks = { stopped, layered, odd };
    await farm.json('analyse', scene, '--out', join(folder, 'cfg'), '--project', 'Checklist');
  }, 900_000);

  for (const set of SDK_SETS) {
    if (set.name === 'oldest') continue;
    const title = `${set.packages.join(', ')}: results of every kind land where they belong, and watching ends`;
    it.skipIf(!set.isHere)(set.isHere ? title : `${title} (skipped: ${set.why})`, () => goThrough(set));
  }

  async function goThrough(set: SdkSet): Promise<void> {
    const desk = join(folder, set.name);
    mkdirSync(desk);
    cpSync(join(folder, 'cfg'), join(desk, 'cfg'), { recursive: true });
    const file = join(desk, 'cfg', 'task.json');
    const task = JSON.parse(readFileSync(file, 'utf8'));
    Object.assign(task.task_info, { pre_frames: '100', stop_after_test: '1' });
    writeFileSync(file, JSON.stringify(task));
    const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create');
    const args = [new URL(farm.url).host, key.accessId, key.accessKey, desk, exe, JSON.stringify(tasks)];
    const script = startPython(set.install(), 'transfer_checklist.py', args, desk);

    const submitted = await script.next('submitted');
    expect(submitted.uploaded).toBe(true);
    for (const code of submitted.codes as number[]) expect(SAFE_CODES).toContain(code);
    await renderer.render(1);

    await script.next('nested');
    await script.next('plain');
    const { names } = (await script.next('named')) as unknown as { names: string[] };
    // Two layers and the odd one; nothing in a name that a shell would read as code.
    expect(names).toHaveLength(3);
    for (const name of names) expect(name).not.toMatch(/["$`\\%!]/);
    const home = join(desk, 'renderfarm_sdk');
    for (const name of names.slice(0, 2)) expect(filesBelow(join(home, name))).toHaveLength(2);
    expect(existsSync(join(home, names[2]!))).toBe(false);
    expect(filesBelow(join(desk, 'plain'))).toHaveLength(2);
    expect(filesBelow(join(desk, 'one', names[0]!))).toHaveLength(2);
    expect(filesBelow(join(desk, 'list'))).toHaveLength(6);

    const watched = await submit(join(folder, 'shot.blend'));
    writeFileSync(join(desk, 'id'), String(watched));
    renameSync(join(desk, 'id'), join(desk, 'watched.id'));
    // The second frame is rendered when the first is on the disk.
    await renderer.render(2, (name) =>
      eventually(
        name,
        () =>
          existsSync(join(desk, 'watched')) &&
          filesBelow(join(desk, 'watched')).some((path) => path.endsWith(name)),
      ),
    );
    const seen = await script.next('watched');
    expect(seen).toMatchObject({ result: true, codes: [25] });
    const done = (seen.lines as string[]).filter((text) => text.includes('download file done ('));
    expect(done).toHaveLength(2);

    if (set.name === 'newest') {
      expect(await script.next('tested')).toMatchObject({ result: true, codes: [40] });
      expect(filesBelow(join(desk, 'tested'))).toHaveLength(1);
      expect((await script.next('stopped')).result).toMatch(/^DownloadFailed: /);
    }
    expect(await script.ended).toBe(0);
  }
});
