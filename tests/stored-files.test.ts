/** Looking at, checking and healing what a farm stores, by the command line and with real frames. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@croft/contract';
import { RayvisionAPI } from '@croft/sdk';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, startServer } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

type Found = {
  what: string;
  uses: { root: string; path: string; taskId: number | null; accountName: string }[];
};
type Scrubbed = { blobs: number; bytes: number; damaged: number; lost: number; found: Found[] };
type Verified = {
  files: number;
  right: number;
  refetched: number;
  missing: string[];
  damaged: string[];
  changed: string[];
  extra: string[];
};

const lastLine = <T>(stdout: string): T => JSON.parse(stdout.trim().split('\n').at(-1)!) as T;

/** Flips a byte of the bytes, wherever the store in the home keeps them; false where it does not. */
function damageStored(home: string, bytes: Buffer): boolean {
  for (const name of filesBelow(join(home, 'blobs'))) {
    const file = join(home, 'blobs', name);
    const stored = readFileSync(file);
    const at = stored.indexOf(bytes);
    if (at < 0) continue;
    stored[at + Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(file, stored);
    return true;
  }
  return false;
}

function sceneIn(folder: string): string {
  makeScene(
    folder,
    `picture(os.path.join(FOLDER, 'tex', 'a.png'), (.4, .8, 1), size=64)
card('Card', glowing('A', os.path.join(FOLDER, 'tex', 'a.png')), size=2)
scene.render.resolution_x, scene.render.resolution_y = 160, 120
scene.frame_end = 3
save(os.path.join(FOLDER, 'scene.blend'))`,
  );
  return join(folder, 'scene.blend');
}

describeWith(['blender'], 'files of a farm', () => {
  it('are listed, checked at home, fetched again, and healed after their disk has damaged them', async () => {
    const folder = temporaryFolder();
    const scene = sceneIn(folder);
    const out = join(folder, 'out');
    const farm = await startFarm();
    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--output', out);
    const frames = readdirSync(out).sort();
    expect(frames).toHaveLength(3);

    // ls
    const task = await farm.json<{ files: number; bytes: number; items: { name: string; bytes: number }[] }>(
      'ls',
      '--task',
      String(taskId),
    );
    const pictures = task.items.filter(({ name }) => frames.includes(name));
    expect(pictures.map(({ name, bytes }) => [name, bytes])).toEqual(
      frames.map((name) => [name, statSync(join(out, name)).size]),
    );
    const inputs = await farm.json<{ items: { name: string; isFolder: boolean }[] }>('ls', folder);
    expect(inputs.items).toMatchObject([
      { name: 'scene.blend', isFolder: false },
      { name: 'tex', isFolder: true, files: 1 },
    ]);
    const byHand = await farm.run('ls', '--root', 'output');
    expect(byHand.stdout).toMatch(new RegExp(`${taskId}_scene/`));
    expect((await farm.run('ls', '/not/there')).code).toBe(8);
    expect((await farm.run('ls', '--root', 'attic')).code).toBe(2);

    // verify
    const verify = async (...more: string[]) => {
      const { code, stdout } = await farm.run('verify', String(taskId), '--output', out, '--json', ...more);
      return { code, ...lastLine<Verified>(stdout) };
    };
    expect(await verify()).toMatchObject({ code: 0, files: 3, right: 3, missing: [], extra: [] });
    const [first, second, third] = frames.map((name) => join(out, name)) as [string, string, string];
    rmSync(first);
    const rotten = readFileSync(second);
    const { mtimeMs } = statSync(second);
    rotten[rotten.length >> 1]! ^= 1;
    writeFileSync(second, rotten);
    utimesSync(second, mtimeMs / 1000, mtimeMs / 1000);
    writeFileSync(third, 'my own notes');
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const wrong = {
      files: 3,
      right: 0,
      missing: [frames[0]],
      damaged: [frames[1]],
      changed: [frames[2]],
      extra: ['notes.txt'],
    };
    expect(await verify()).toMatchObject({ code: 3, ...wrong, refetched: 0 });
    const told = await farm.run('verify', String(taskId), '--output', out);
    expect(told.stdout).toMatch(
      /missing: 1[\s\S]*damaged: 1[\s\S]*changed: 1[\s\S]*extra: 1[\s\S]*0 of 3 files/,
    );
    // A file that the user wants to keep stays, and the frame comes beside it; then all is well under that rule.
    expect(await verify('--existing', 'rename', '--refetch')).toMatchObject({
      code: 0,
      ...wrong,
      refetched: 3,
    });
    expect(readFileSync(third, 'utf8')).toBe('my own notes');
    expect(readdirSync(out).sort()).toContain(`(1)${frames[2]}`);
    expect(await verify('--existing', 'rename')).toMatchObject({ code: 0, right: 3 });
    const now = ['download', String(taskId), '--output', out, '--now'] as const;
    await farm.json(...now, '--existing', 'keep');
    expect(readFileSync(third, 'utf8')).toBe('my own notes');
    await farm.json(...now, '--existing', 'rename');
    expect(readdirSync(out)).toHaveLength(3 + 1 + 2);
    expect((await farm.run(...now, '--existing', 'bury')).code).toBe(2);
    await farm.json(...now);
    expect(await verify()).toMatchObject({ code: 0, right: 3, changed: [] });
    const copies = join(folder, 'copies');
    const ofFolder = await farm.run('verify', `/${taskId}_scene`, '--output', copies, '--refetch');
    expect(ofFolder.code).toBe(0);
    expect(readdirSync(copies).sort()).toEqual(expect.arrayContaining(frames));
    expect((await farm.run('verify', '/nothing', '--output', copies)).code).toBe(8);
    expect((await farm.run('verify', '999999', '--output', copies)).code).toBe(8);

    // scrub
    const scrub = async (...more: string[]) => {
      const { code, stdout, stderr } = await farm.run('scrub', '--json', ...more);
      return { code, stderr, ...lastLine<Scrubbed>(stdout) };
    };
    const well = await scrub();
    expect(well).toMatchObject({ code: 0, damaged: 0, lost: 0, found: [] });
    expect(well.blobs).toBeGreaterThan(6);
    expect(damageStored(farm.home, readFileSync(scene))).toBe(true);
    expect(damageStored(farm.home, readFileSync(first))).toBe(true);
    const hit = await scrub();
    expect(hit).toMatchObject({ code: 3, damaged: 2, lost: 0, blobs: well.blobs });
    expect(hit.stderr).toContain('"phase":"scrub"');
    expect(hit.found.flatMap(({ uses }) => uses)).toEqual(
      expect.arrayContaining([
        { accountId: expect.any(Number), accountName: 'admin', root: 'input', path: scene, taskId },
        expect.objectContaining({ root: 'output', path: `/${taskId}_scene/${frames[0]}`, taskId }),
      ]),
    );
    // Never delivered, found again the next time, and healed: inputs by sending them, frames by rendering them.
    rmSync(first);
    expect((await verify('--refetch')).code).not.toBe(0);
    expect(await scrub()).toMatchObject({ code: 3, damaged: 2 });
    const upload = join(folder, 'upload.json');
    writeFileSync(upload, JSON.stringify({ asset: [{ local: scene, server: scene }] }));
    await farm.json('upload', upload);
    expect(await scrub()).toMatchObject({ code: 3, damaged: 1 });
    const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create');
    const domain = new URL(farm.url).host;
    const api = new RayvisionAPI({ ...key, domain, protocol: 'http', platform: '2', logger: silentLog });
    await api.query.restartFrame(taskId);
    await farm.json('download', String(taskId), '--output', out);
    expect(await scrub()).toMatchObject({ code: 0, damaged: 0, lost: 0 });
    expect(await verify()).toMatchObject({ code: 0, right: 3 });

    // Straight on the home of a farm that does not run.
    await farm.process.stop();
    const still = await farm.run('scrub', '--home', farm.home, '--json', '--rate', '1000000');
    expect([still.code, lastLine<Scrubbed>(still.stdout).damaged]).toEqual([0, 0]);
  }, 300_000);
});

it('a scrub is for administrators, one at a time, and no faster than allowed', async () => {
  const folder = temporaryFolder();
  const farm = await startServer();
  const file = join(folder, 'big.bin');
  writeFileSync(file, Buffer.alloc(3_000_000, 'x'));
  const upload = join(folder, 'upload.json');
  writeFileSync(upload, JSON.stringify({ asset: [{ local: file, server: '/D/big.bin' }] }));
  await farm.json('upload', upload);
  const began = performance.now();
  // Ten seconds each, begun together: whichever comes second is refused.
  const both = await Promise.all([0, 1].map(() => farm.run('scrub', '--rate', '300', '--json')));
  const [done, refused] = both.sort((a, b) => a.code - b.code);
  expect([refused!.code, JSON.parse(refused!.stdout).error.code]).toEqual([7, 'SCRUB_RUNNING']);
  expect([done!.code, lastLine<Scrubbed>(done!.stdout).bytes]).toEqual([0, 3_000_000]);
  expect(performance.now() - began).toBeGreaterThan(9000);
  expect((await farm.run('scrub', '--json')).code).toBe(0);
}, 60_000);

it('files and folders are sent as they are, to their own paths or below a folder of the farm', async () => {
  const folder = temporaryFolder();
  const farm = await startServer();
  const set = join(folder, 'set');
  mkdirSync(join(set, 'deep 深'), { recursive: true });
  writeFileSync(join(set, 'wood.png'), 'wood');
  writeFileSync(join(set, 'deep 深', 'notes.json'), '{"asset":1}');
  const stored = async (path: string) =>
    (await farm.json<{ items: { name: string }[] }>('ls', path)).items.map(({ name }) => name).sort();

  expect(await farm.json('upload', set)).toMatchObject({ files: 2, bytes: 15 });
  expect(await stored(set)).toEqual(['deep 深', 'wood.png']);
  expect(
    await farm.json('upload', join(set, 'wood.png'), join(set, 'deep 深'), '--to', '/shared/'),
  ).toMatchObject({ files: 2 });
  expect(await stored('/shared')).toEqual(['deep 深', 'wood.png']);
  // With --to, a .json file is a file like others; without, it must be an upload.json.
  const notes = join(set, 'deep 深', 'notes.json');
  expect(await farm.json('upload', notes, '--to', '/')).toMatchObject({ files: 1 });
  expect((await farm.run('upload', notes)).code).toBe(3);

  mkdirSync(join(folder, 'odd'));
  symlinkSync('nowhere', join(folder, 'odd', 'dangling'));
  for (const [given, said] of [
    [join(folder, 'odd'), /dangling/],
    [join(folder, 'never'), /does not exist/],
    ['', /empty path/],
  ] as const) {
    const { code, stderr } = await farm.run('upload', given);
    expect([code, stderr]).toEqual([3, expect.stringMatching(said)]);
  }
  expect((await farm.run('upload', notes, '--to', '../../etc')).code).toBe(3);
  rmSync(join(folder, 'odd', 'dangling'));
  expect((await farm.run('upload', join(folder, 'odd'))).code).toBe(3);
  execFileSync('mkfifo', [join(folder, 'odd', 'pipe')]);
  const { code, stderr } = await farm.run('upload', join(folder, 'odd'));
  expect([code, stderr]).toEqual([3, expect.stringMatching(/pipe/)]);

  // What can be sent is sent; the rest is told, with every name for programs.
  writeFileSync(join(folder, 'odd', 'good.txt'), 'good');
  symlinkSync('nowhere', join(folder, 'odd', 'dangling'));
  symlinkSync('.', join(folder, 'odd', 'ring'));
  const mixed = await farm.run('upload', join(folder, 'odd'), '--to', '/odd', '--json');
  expect(mixed.code).toBe(3);
  const odd = (name: string) => ({ path: join(folder, 'odd', name), why: expect.any(String) });
  const { unsendable, ...sent } = JSON.parse(mixed.stdout);
  expect(sent).toEqual({ files: 1, bytes: 4 });
  expect(unsendable).toHaveLength(2);
  expect(unsendable).toEqual(expect.arrayContaining([odd('dangling'), odd('pipe')]));
  expect(mixed.stderr).toContain('dangling is not sent');
  expect(await stored('/odd/odd')).toEqual(['good.txt']);
});
