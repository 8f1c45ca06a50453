/** `rayvision_transmitter` under the real, unmodified rayvision_sync, and as a program of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm, startServer } from './support/farm.ts';
import { filesBelow, samePixels } from './support/pixels.ts';
import { SDK_SETS, sdkSet, startPython } from './support/python-sdk.ts';
import { describeWith } from './support/tools.ts';

describeWith(['blender', 'python'], 'the real transfer SDK', () => {
  beforeAll(() => {
    for (const set of SDK_SETS) if (set.isHere) set.install();
  }, 600_000);

  for (const { packages, isHere, why, install } of SDK_SETS) {
    const title = `${packages.join(', ')}: uploads, submits and downloads the frames as they are finished, unmodified`;
    it.skipIf(!isHere)(isHere ? title : `${title} (skipped: ${why})`, () => uploadToFrames(install()));
  }

  it('fails as documented: 12 starts for a file that is gone, one for a download, never without end', async () => {
    const folder = temporaryFolder();
    const farm = await startServer();
    const key = await farm.json<{ accessId: string; accessKey: string }>(
      'keys',
      'create',
      '--home',
      farm.home,
    );
    const { path } = await farm.json<{ path: string }>('transmitter', join(folder, 'transmitter'));
    const files = ['a', 'b (1)', 'c', 'd'].map((name) => {
      const local = join(folder, `${name}.txt`);
      writeFileSync(local, name);
      return { local, server: `pairs/${name}.txt` };
    });
    writeFileSync(join(folder, 'pairs.json'), JSON.stringify({ asset: files }));
    const missing = [...files.slice(0, 1), { local: join(folder, 'gone.txt'), server: '/gone.txt' }];
    writeFileSync(join(folder, 'missing.json'), JSON.stringify({ asset: missing }));
    const domain = new URL(farm.url).host;
    const args = [domain, key.accessId, key.accessKey, folder, path];
    const script = startPython(sdkSet('newest').install(), 'transfer_mistakes.py', args, folder);

    const gone = await script.next('missing');
    expect(gone.code).toBe(200025);
    expect(linesWith(gone.lines, 'at least one file failed')).toHaveLength(12);
    // The file beside it was sent once, and remembered.
    const pieces = await script.next('pieces');
    expect(pieces.pieces).toBe(3);
    // The SDK itself cuts a path at its first closing bracket.
    expect(pieces.records).toEqual(files.map(({ local }) => local.replace(' (1).txt', ' (1')).sort());
    expect(linesWith(pieces.lines, 'all files success: 0')).toHaveLength(1);
    expect((await script.next('nowhere')).result).toBe('DownloadFailed');
    expect((await script.next('asset')).result).toBe(true);
    expect(filesBelow(join(folder, 'down', 'pairs'))).toEqual(['a.txt', 'b (1).txt', 'c.txt', 'd.txt']);
    const foreign = await script.next('foreign');
    expect(foreign.result).toBe('DownloadFailed');
    expect(linesWith(foreign.lines, 'does not belong to this account')).toHaveLength(1);
    expect(await script.ended).toBe(0);
  });
});

async function uploadToFrames(python: string): Promise<void> {
  const folder = temporaryFolder();
  makeScene(
    folder,
    `picture(os.path.join(FOLDER, 'my scene', 'textures', 'rot 红.png'), (1, .1, .1))
animate(card('Card', glowing('Red', os.path.join(FOLDER, 'my scene', 'textures', 'rot 红.png')), size=2))
scene.frame_end = 3
save(os.path.join(FOLDER, 'my scene', 'shot.blend'))`,
  );
  const farm = await startFarm();
  const files = join(folder, 'cfg');
  await farm.json('analyse', join(folder, 'my scene', 'shot.blend'), '--out', files, '--project', 'Interop');
  const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', farm.home);
  const { path } = await farm.json<{ path: string }>('transmitter', join(folder, 'transmitter'));
  const output = join(folder, 'out');
  const domain = new URL(farm.url).host;
  const script = startPython(
    python,
    'transfer_demo.py',
    [domain, key.accessId, key.accessKey, files, path, output],
    folder,
  );

  await script.next('lines');
  const upload = await script.next('upload');
  expect(upload.result).toBe(true);
  const done = linesWith(upload.lines, 'upload file done (');
  // Four files of configuration, the scene and its texture.
  expect(done).toHaveLength(6);
  expect(done.some((line) => line.includes('rot 红.png)'))).toBe(true);

  const again = await script.next('again');
  expect(again.result).toBe(true);
  expect(linesWith(again.lines, 'upload file done (')).toEqual([]);
  expect(linesWith(again.lines, 'upload file unchanged (')).toHaveLength(2);

  const download = await script.next('download');
  expect(download.result).toBe(true);
  const { name } = await script.next('formats');
  const frames = filesBelow(join(output, String(name))).filter((file) => file.endsWith('.png'));
  expect(frames).toHaveLength(3);
  // Each frame came once, however often the SDK looked.
  expect(
    linesWith(download.lines, 'download file done (').filter((line) => line.includes('.png)')),
  ).toHaveLength(3);
  for (const frame of frames) {
    const there = join(output, String(name), frame);
    expect(await samePixels(there, join(output, 'plain', frame))).toBe(true);
    expect(await samePixels(there, join(output, 'listed', String(name), frame))).toBe(true);
  }
  expect(await script.ended).toBe(0);
}

function linesWith(lines: unknown, text: string): string[] {
  return (lines as string[]).filter((line) => line.includes(text));
}
