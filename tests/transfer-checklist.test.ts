/** The real, unmodified rayvision_sync with tasks of every kind: where results land, when it goes on looking, when it ends. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { keyOf, type ServerFarm, startServer } from './support/farm.ts';
import { HandRenderer } from './support/hand-rendering.ts';
import { filesBelow } from './support/pixels.ts';
import { SDK_SETS, type SdkSet, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';
import { launcherFor, runTransmitter, storagesOf } from './support/transmitter-desk.ts';

/** All that the SDK survives. */
const SAFE_CODES = new Set([0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45]);
const CONFIG_FILES = ['asset.json', 'task.json', 'tips.json', 'upload.json'];
/** Exit codes of the program. */
const NOT_THERE = 1;
const REFUSED = 2;
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
    exe = await launcherFor(farm);
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

  for (const set of SDK_SETS) {
    if (set.name === 'oldest') continue;
    const title = `${set.packages.join(', ')}: a sub-account sends to its main account's storage once it shares it`;
    it.skipIf(!set.isHere)(set.isHere ? title : `${title} (skipped: ${set.why})`, () => share(set));
  }

  /** What the program finds at a path of a storage: its text, or the exit code. */
  async function stored(bid: string, userId: number, path: string): Promise<string | number> {
    const to = temporaryFolder();
    const { hostname, port } = new URL(farm.url);
    const at = ['-E', 'aspera', '-H', hostname, '-P', port, '-S', bid, '-U', String(userId)];
    const args = [...at, '-T', 'download_path', '-R', path, '-L', to];
    const { code } = await runTransmitter(args);
    return code === 0 ? readFileSync(join(to, basename(path)), 'utf8') : code;
  }

  async function idsOf(key: { accessId: string; accessKey: string }) {
    const { ids, userId } = await storagesOf({ ...key, url: farm.url });
    return { input: ids.input, userId };
  }

  async function share(set: SdkSet): Promise<void> {
    const desk = join(folder, `sharing ${set.name}`);
    mkdirSync(desk);
    const name = `ada-${set.name}`;
    for (const list of ['own', 'shared']) {
      const local = join(desk, `${list}.txt`);
      writeFileSync(local, `${list} of ${name}`);
      const asset = [{ local, server: `/pairs/${list}.txt` }];
      writeFileSync(join(desk, `${list}.json`), JSON.stringify({ asset }));
    }
    await farm.json('accounts', 'create', name);
    const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--account', name);
    const main = await idsOf(keyOf(farm));
    const ada = await idsOf(key);
    const args = [new URL(farm.url).host, key.accessId, key.accessKey, desk, exe];
    const script = startPython(set.install(), 'transfer_sharing.py', args, desk);

    expect(await script.next('own')).toMatchObject({ result: true, to: [ada.input, String(ada.userId)] });
    expect(await stored(ada.input, ada.userId, '/pairs/own.txt')).toBe(`own of ${name}`);
    expect(await stored(main.input, main.userId, '/pairs/own.txt')).toBe(NOT_THERE);
    await farm.json('accounts', 'set', name, 'shareMainCapital=1');
    writeFileSync(join(desk, 'shared'), '');
    const shared = await script.next('shared');
    expect(shared.result).toBe(true);
    const [bid, userId] = shared.to as [string, string];
    expect(userId).toBe(String(main.userId));
    // An id of the main account's storage that was made for Ada alone.
    expect(bid).not.toBe(main.input);
    expect(await stored(main.input, main.userId, '/pairs/shared.txt')).toBe(`shared of ${name}`);
    expect(await stored(ada.input, ada.userId, '/pairs/shared.txt')).toBe(NOT_THERE);
    if (set.name === 'newest') {
      expect((await script.next('back')).result).toBe(true);
      expect(readFileSync(join(desk, 'back', 'shared.txt'), 'utf8')).toBe(`shared of ${name}`);
    }
    expect(await script.ended).toBe(0);
    // Each id opens its own account's storage, under that account's number only.
    for (const [id, of] of [
      [ada.input, main],
      [main.input, ada],
      [bid, ada],
    ] as const)
      expect(await stored(id, of.userId, '/pairs/shared.txt')).toBe(REFUSED);
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
    const done = (submitted.lines as string[]).filter((text) => text.includes('upload file done ('));
    // Four files of configuration by name, each exactly where it belongs, and at least the scene.
    expect(configPaths(farm.home, submitted.task_id as number)).toEqual(CONFIG_FILES);
    expect(done.length).toBeGreaterThanOrEqual(CONFIG_FILES.length);
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
    const fetched = (seen.lines as string[]).filter((text) => text.includes('download file done ('));
    expect(fetched).toHaveLength(2);

    if (set.name === 'newest') {
      expect(await script.next('tested')).toMatchObject({ result: true, codes: [40] });
      expect(filesBelow(join(desk, 'tested'))).toHaveLength(1);
      expect((await script.next('stopped')).result).toMatch(/^DownloadFailed: /);
    }
    expect(await script.ended).toBe(0);
  }
});

/** Names of the files that lie in the configuration storage right below `/<task>/cfg/`. */
function configPaths(home: string, taskId: number): string[] {
  const db = new DatabaseSync(join(home, 'farm', 'farm.sqlite'), { readOnly: true });
  const prefix = `/${taskId}/cfg/`;
  const rows = db
    .prepare("select path from tree_entries where root = 'config' and path like ? order by path")
    .all(`/${taskId}/%`) as { path: string }[];
  db.close();
  return rows.map(({ path }) => (path.startsWith(prefix) ? path.slice(prefix.length) : path));
}
