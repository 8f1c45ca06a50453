/** Files that are broken, or made to break the reader: always an answer or an error of the catalogue, and soon. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { CroftError, GiB, MINUTE, MiB, SECOND } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recognise } from '../../app-catalogue.ts';
import { memorySceneFiles } from '../../scene-files/memory.ts';
import { analyse } from './analyse.ts';
import { noBlender, runBlender } from './test-blender.ts';

const SCENE = '/p/scene.blend';
const analysed = (bytes: Uint8Array) => analyse(memorySceneFiles({ [SCENE]: bytes }), SCENE, {});
const codeOf = (bytes: Uint8Array | string) =>
  recognise(memorySceneFiles({ [SCENE]: bytes }), SCENE)
    .then(
      async (app) => {
        await app.analyse(memorySceneFiles({ [SCENE]: bytes }), SCENE, {});
        return 'fine';
      },
      (error: unknown) => (error instanceof CroftError ? error.code : error),
    )
    .catch((error: unknown) => (error instanceof CroftError ? error.code : error));

/** Reproducible numbers below a bound (xorshift). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

test.each([
  ['a text file', 'hello, this is no scene', 'DCC_NOT_A_SCENE'],
  ['an empty file', '', 'DCC_SCENE_TRUNCATED'],
  [
    'a Git LFS pointer',
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n',
    'DCC_LFS_POINTER',
  ],
  ['a header alone', 'BLENDER-v304', 'DCC_SCENE_TRUNCATED'],
  ['an unknown header', 'BLENDER99-07v0900 and more of it', 'DCC_SCENE_DAMAGED'],
  ['gzip of a text', gzipSync('hello, this is no scene'), 'DCC_NOT_A_SCENE'],
  ['zstd of a text', zstdCompressSync(Buffer.from('hello, this is no scene')), 'DCC_NOT_A_SCENE'],
  ['gzip of nothing', gzipSync(''), /DCC_/],
  ['half a gzip', gzipSync(Buffer.alloc(5000, 'BLENDER-v304 ')).subarray(0, 30), /DCC_SCENE_/],
  [
    'bytes that only start like gzip',
    Buffer.concat([Buffer.from([0x1f, 0x8b]), deflateRawSync('x')]),
    /DCC_/,
  ],
])('%s is refused', async (_name, bytes, code) => {
  expect(await codeOf(bytes)).toEqual(typeof code === 'string' ? code : expect.stringMatching(code));
});

/** A zstd file of blocks that each say "128 KiB of zeros": 4 bytes of it are 128 KiB of content. */
function zstdBomb(contentBytes: number): Buffer {
  const begin = Buffer.from('BLENDER-v304DATA\xff\xff\xff\x7f', 'latin1');
  const rawHead = Buffer.alloc(3);
  rawHead.writeUIntLE(begin.length << 3, 0, 3);
  const zeros = Buffer.alloc(4);
  zeros.writeUIntLE((131_072 << 3) | 2, 0, 3);
  const count = Math.ceil(contentBytes / 131_072);
  const last = Buffer.from(zeros);
  last[0]! |= 1;
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]);
  return Buffer.concat([frame, rawHead, begin, Buffer.alloc(4 * (count - 1), zeros), last]);
}

test('a small file of 50 GiB of zeros is refused soon and without much memory', {
  timeout: MINUTE,
}, async () => {
  const bomb = zstdBomb(50 * GiB);
  expect(bomb.length).toBeLessThan(2 * MiB);
  const started = performance.now();
  const before = process.memoryUsage().rss;
  expect(await codeOf(bomb)).toBe('DCC_TOO_LARGE');
  expect(performance.now() - started).toBeLessThan(30 * SECOND);
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * MiB);
});

describe.skipIf(noBlender)('a scene of Blender', () => {
  let root: string;
  let plain: Buffer;
  let variants: [string, Buffer][];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'croft-hostile-'));
    await runBlender('made-scene.py', root);
    plain = await readFile(join(root, 'proj/scene.blend'));
    const packed = await readFile(join(root, 'small/packed.blend'));
    variants = [
      ['plain', plain],
      ['zstd of Blender', packed],
      ['gzip', gzipSync(plain)],
      ['one zstd frame', zstdCompressSync(plain)],
      ['several zstd frames', severalFrames(plain)],
    ];
  }, MINUTE);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('reads alike in every packing', async () => {
    const common = async (bytes: Buffer) => {
      const { saved_compressed, ...rest } = (
        (await analysed(bytes)).task.scene_info as { common: Record<string, unknown> }
      ).common;
      return rest;
    };
    const straight = await common(plain);
    for (const [name, bytes] of variants) {
      if (name !== 'zstd of Blender') expect(await common(bytes)).toEqual(straight);
    }
  });

  test('survives being cut anywhere', { timeout: MINUTE }, async () => {
    for (const [name, bytes] of variants) {
      const roll = dice(4711);
      for (let round = 0; round < 25; round++) {
        const cut = bytes.subarray(0, roll(bytes.length));
        expect([name, cut.length, await outcome(cut)]).toEqual([
          name,
          cut.length,
          expect.stringMatching(/^(fine|DCC_)/),
        ]);
      }
    }
  });

  test('survives flipped bytes', { timeout: 2 * MINUTE }, async () => {
    for (const [name, bytes] of variants) {
      const roll = dice(815);
      for (let round = 0; round < 40; round++) {
        const broken = Buffer.from(bytes);
        // Half of the rounds aim at the catalogue of structs and the last blocks.
        const from = round % 2 === 0 ? 0 : Math.max(0, bytes.length - 120_000);
        for (let flips = 0; flips <= roll(20); flips++) broken[from + roll(bytes.length - from)] = roll(256);
        const started = performance.now();
        expect([name, round, await outcome(broken)]).toEqual([
          name,
          round,
          expect.stringMatching(/^(fine|DCC_|FRAMES)/),
        ]);
        expect(performance.now() - started).toBeLessThan(10 * SECOND);
      }
    }
  });

  async function outcome(bytes: Buffer): Promise<string> {
    try {
      await analysed(bytes);
      return 'fine';
    } catch (error) {
      return error instanceof CroftError ? error.code : `bug: ${(error as Error).stack}`;
    }
  }
});

function severalFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 100_000)
    parts.push(zstdCompressSync(bytes.subarray(at, at + 100_000)));
  return Buffer.concat(parts);
}
