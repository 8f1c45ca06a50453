import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@croft/contract';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PictureChecker } from './picture-checker.ts';

const hasOiiotool = isThere('oiiotool');
let folder: string;
const plain = new PictureChecker(systemClock, null);
const full = new PictureChecker(systemClock, hasOiiotool ? '/usr/bin/oiiotool' : null);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-pictures-'));
});
afterAll(async () => {
  plain.close();
  full.close();
  await rm(folder, { recursive: true, force: true });
});

const noise = () => sharp(randomBytes(300 * 200 * 3), { raw: { width: 300, height: 200, channels: 3 } });

test.each(['png', 'jpeg', 'webp', 'tiff'] as const)(
  'a %s is decoded and gets a thumbnail; half of one is damaged',
  async (format) => {
    const file = join(folder, `whole.${format}`);
    await noise().toFormat(format).toFile(file);
    const thumbnail = `${file}.thumbnail.jpg`;
    const facts = await plain.check(file, thumbnail, true);
    expect(facts).toEqual({ format, width: 300, height: 200, hasThumbnail: true });
    expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 256 });
    const half = join(folder, `half.${format}`);
    const bytes = readFileSync(file);
    writeFileSync(half, bytes.subarray(0, bytes.length / 2));
    await expect(plain.check(half, null, true)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
  },
);

test('text is no picture, but passes as data', async () => {
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'certainly not a picture, but long enough to look at');
  await expect(plain.check(file, null, true)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
  expect(await plain.check(file, null, false)).toMatchObject({ format: 'txt', hasThumbnail: false });
  writeFileSync(file, '');
  await expect(plain.check(file, null, false)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
});

test.runIf(hasOiiotool).each([
  ['exr', ['--compression', 'zip']],
  ['exr', ['--compression', 'piz']],
  ['exr', ['--compression', 'dwaa']],
  ['tga', []],
  ['bmp', []],
  ['dpx', []],
])(
  'a %s (%s) is checked by its header, decoded by oiiotool, and refused when it breaks off',
  async (format, options) => {
    const file = join(folder, `picture${options.join('')}.${format}`);
    const depth = format === 'exr' ? ['-d', 'half'] : [];
    execFileSync('oiiotool', ['--pattern', 'noise', '300x200', '3', ...depth, ...options, '-o', file]);
    expect(await plain.check(file, null, true)).toMatchObject({ format, width: 300, height: 200 });
    const thumbnail = `${file}.jpg`;
    expect(await full.check(file, thumbnail, true)).toMatchObject({ format, hasThumbnail: true });
    expect((await sharp(thumbnail).metadata()).width).toBe(256);
    const half = join(folder, `half${options.join('')}.${format}`);
    const bytes = readFileSync(file);
    writeFileSync(half, bytes.subarray(0, bytes.length / 2));
    await expect(full.check(half, null, true)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
    if (format === 'exr')
      await expect(plain.check(half, null, true)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
  },
);

test.runIf(hasOiiotool)(
  'a hdr is checked by its header; where its rows break off nobody here notices',
  async () => {
    const file = join(folder, 'picture.hdr');
    execFileSync('oiiotool', ['--pattern', 'noise', '300x200', '3', '-o', file]);
    expect(await full.check(file, `${file}.jpg`, true)).toMatchObject({
      format: 'hdr',
      width: 300,
      height: 200,
    });
    // OpenImageIO takes a Radiance picture that breaks off for a whole one; only a cut header is found.
    writeFileSync(file, readFileSync(file).subarray(0, 60));
    await expect(full.check(file, null, true)).rejects.toMatchObject({ code: 'NODE_OUTPUT_DAMAGED' });
  },
);

test.runIf(hasOiiotool)('an EXR with layers is shown by its combined pass', async () => {
  const file = join(folder, 'layers.exr');
  const names = ['Depth.Z', 'View.Combined.R', 'View.Combined.G', 'View.Combined.B'].join(',');
  execFileSync('oiiotool', [
    '--pattern',
    'constant:color=9,0,1,0',
    '64x64',
    '4',
    '--chnames',
    names,
    '-d',
    'half',
    '-o',
    file,
  ]);
  const thumbnail = join(folder, 'layers.jpg');
  expect(await full.check(file, thumbnail, true)).toMatchObject({ format: 'exr', hasThumbnail: true });
  const { channels } = await sharp(thumbnail).stats();
  expect(channels.map(({ mean }) => mean > 128)).toEqual([false, true, false]);
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
