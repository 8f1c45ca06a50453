import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { atEnd, croft, croftProcess, type Outcome, temporaryFolder } from './support/croft.ts';
import { startFarm, startServer } from './support/farm.ts';
import { describeWith, projectRoot } from './support/tools.ts';

const DEMO = join(projectRoot, 'examples', 'demo', 'croft.blend');

/** One sentence and a hint on stderr, no stack, nothing on stdout, and the documented exit code. */
function expectOneSentence(outcome: Outcome, exit: number, says: RegExp): void {
  expect(outcome.code, outcome.stderr).toBe(exit);
  expect(outcome.stderr).toMatch(says);
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
  // What came before is progress: one line on a fast machine, more on a slow one.
  const lines = outcome.stderr.trim().split('\n');
  const error = lines.findIndex((line) => line.startsWith('croft: '));
  expect(lines.slice(error).length, outcome.stderr).toBeLessThanOrEqual(2);
}

function sceneFile(name: string, bytes: string | Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

describe('bad input to the analysis', () => {
  it.each([
    ['no such file', () => '/nowhere/at/all.blend', /no .*file|not .*exist/i],
    [
      'a text file named .blend',
      () => sceneFile('notes.blend', 'shopping list\n'.repeat(50)),
      /not a|no .*scene/i,
    ],
    [
      'a truncated .blend',
      () => sceneFile('cut.blend', readFileSync(DEMO).subarray(0, 60_000)),
      /truncated|cut|ends|damaged/i,
    ],
    [
      'a Git LFS pointer',
      () =>
        sceneFile(
          'lfs.blend',
          `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
        ),
      /LFS/,
    ],
    ['an empty file', () => sceneFile('empty.blend', ''), /empty|not a|no .*scene/i],
    ['a folder', () => temporaryFolder(), /folder|not a|directory/i],
  ])('%s', async (_name, file, says) => {
    expectOneSentence(await croft(['analyse', file()]), 3, says);
  });

  it('frames that end before they start', async () => {
    expectOneSentence(
      await croft(['render', DEMO, '--frames', '5-1', '--server', 'http://127.0.0.1:9']),
      2,
      /5-1/,
    );
  });

  it('an unknown command and an unknown option', async () => {
    expect((await croft(['rendr', 'x.blend'])).code).toBe(2);
    expect((await croft(['tasks', '--colour'])).code).toBe(2);
  });

  it('says the error as JSON when asked to', async () => {
    const outcome = await croftProcess(['analyse', '/nowhere/at/all.blend', '--json']);
    const body = JSON.parse(outcome.stdout.trim().split('\n').at(-1)!) as {
      error: { code: string; hint: string };
    };
    expect(body.error.code).toBe('DCC_NO_SUCH_FILE');
    expect(body.error.hint).toBeTruthy();
  });
});

describe('bad input to the farm', () => {
  it('a home and an output folder that cannot be made', async () => {
    expectOneSentence(
      await croftProcess(['server', '--home', '/proc/farm', '--port', '0']),
      3,
      /\/proc\/farm/,
    );
    expectOneSentence(
      await croftProcess(['node', '--home', '/proc/node', '--server', 'http://127.0.0.1:9', '--code', 'X']),
      3,
      /\/proc\/node/,
    );
  });

  it('an unknown server, by name and by port', async () => {
    const env = { CROFT_ACCESS_ID: 'a', CROFT_ACCESS_KEY: 'b' };
    expectOneSentence(await croft(['tasks', '--server', 'http://127.0.0.1:9'], env), 5, /127\.0\.0\.1:9/);
    expectOneSentence(
      await croft(['tasks', '--server', 'http://farm.invalid:1234'], env),
      5,
      /farm\.invalid/,
    );
  });

  it('a wrong key, an unknown task, a home in use', async () => {
    const farm = await startServer();
    const wrong = await croft(['tasks', '--server', farm.url], {
      CROFT_ACCESS_ID: 'nobody',
      CROFT_ACCESS_KEY: 'nothing',
    });
    expectOneSentence(wrong, 6, /key|signature/i);
    expectOneSentence(await farm.run('task', '123456789'), 8, /123456789/);
    const second = await croftProcess(['server', '--home', farm.home, '--port', '0']);
    expectOneSentence(second, 7, /in use|already/i);
    expect(second.stderr).toContain(farm.url);
  });

  it('a port in use', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    atEnd(() => void blocker.close());
    await new Promise((done) => blocker.once('listening', done));
    const { port } = blocker.address() as { port: number };
    const home = join(temporaryFolder(), 'home');
    expectOneSentence(
      await croftProcess(['server', '--home', home, '--port', String(port)]),
      7,
      new RegExp(String(port)),
    );
  });
});

describeWith(['blender'], 'scenes that cannot be rendered', () => {
  it('a scene without a camera is refused before anything is uploaded', async () => {
    const folder = temporaryFolder();
    makeScene(folder, `bpy.data.objects.remove(camera)\nsave(os.path.join(FOLDER, 'blind.blend'))`);
    const farm = await startServer();
    const outcome = await farm.run('render', join(folder, 'blind.blend'));
    expectOneSentence(outcome, 3, /camera/i);
    expect(
      (await farm.json<{ items: { submittedAt: number | null }[] }>('tasks')).items.filter(
        (task) => task.submittedAt,
      ),
    ).toEqual([]);
  });
});

describeWith(['root', 'blender'], 'a full disk', () => {
  it('stops an upload with one sentence, and the same upload completes once there is room', async () => {
    const { spawnSync } = await import('node:child_process');
    const disk = join(temporaryFolder(), 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]).status !== 0) {
      throw new Error('root here may not mount a tmpfs, so this cannot be tried');
    }
    atEnd(() => void spawnSync('umount', ['-l', disk]));
    const farm = await startFarm(join(disk, 'home'));
    const folder = temporaryFolder();
    const project = join(folder, 'project');
    mkdirSync(project);
    makeScene(
      project,
      `card('Card', glowing('Card', None, (0, 1, 0)))
noise = bpy.data.images.new('noise', 8, 8); noise.filepath_raw = os.path.join(FOLDER, 'noise.png'); noise.file_format = 'PNG'; noise.save()
card('Noise', glowing('Noise', os.path.join(FOLDER, 'noise.png')), x=1)
scene.frame_end = 1
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    const noise = join(project, 'noise.png');
    const { randomFillSync } = await import('node:crypto');
    const original = readFileSync(noise);
    const big = Buffer.concat([original, randomFillSync(Buffer.alloc(60 * 1024 * 1024))]);
    writeFileSync(noise, big);
    const refused = await farm.run('render', join(project, 'scene.blend'));
    expectOneSentence(refused, 7, /space|full|room/i);
    // The farm goes on, and nothing half-done is in its way: room is made, and the same command works.
    copyFileSync(noise, join(folder, 'kept.png'));
    writeFileSync(noise, original);
    const output = join(folder, 'out');
    const rendered = await farm.run('render', join(project, 'scene.blend'), '--output', output);
    expect(rendered.code, rendered.stderr).toBe(0);
  });
});
