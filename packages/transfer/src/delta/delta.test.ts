import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, MiB } from '@croft/contract';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeChunks, encodeChunks } from './chunk-list.ts';
import { type Chunk, chunksOf, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './chunker.ts';
import { decodeDelta, encodeDelta } from './delta-body.ts';
import { planDelta } from './delta-plan.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-delta-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function* pieces(bytes: Buffer, pieceBytes = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
async function gathered<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const storeOf = (base: Buffer) => ({
  id: 'sha256-00' as BlobId,
  size: base.length,
  store: {
    async read(_id: BlobId, range = { start: 0, end: base.length }) {
      const end = Math.min(range.end, base.length);
      return {
        size: base.length,
        range: { start: range.start, end },
        body: pieces(base.subarray(range.start, end)),
      };
    },
  },
});
const named = (chunks: Chunk[]) => chunks.map(({ length, name }) => `${length} ${name.toString('hex')}`);

/** Sends `after` against `before`; what arrives, and how much had to travel. */
async function sent(before: Buffer, after: Buffer): Promise<{ arrived: Buffer; wireBytes: number } | null> {
  const path = join(folder, 'after.bin');
  await writeFile(path, after);
  const list = Buffer.concat(await gathered(encodeChunks(chunksOf(pieces(before)))));
  const plan = await planDelta(path, {
    id: 'sha256-00' as BlobId,
    places: decodeChunks(list, before.length),
  });
  if (plan === null) return null;
  const parts: Buffer[] = [];
  let wireBytes = list.length;
  const partBytes = 3 * MiB + 7;
  for (let start = 0; start < after.length; start += partBytes) {
    const { records } = plan.recordsOf(start, after.subarray(start, start + partBytes));
    const body = Buffer.concat(encodeDelta(records));
    wireBytes += body.length;
    parts.push(Buffer.concat(await gathered(decodeDelta(pieces(body, 33_333), storeOf(before)))));
  }
  return { arrived: Buffer.concat(parts), wireBytes };
}

describe('chunks', () => {
  test('make up the whole, within their limits, and do not depend on how the stream was cut', async () => {
    const bytes = randomBytes(5 * MiB + 123);
    const chunks = await gathered(chunksOf(pieces(bytes)));
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
    for (const { length } of chunks.slice(0, -1)) {
      expect(length).toBeGreaterThanOrEqual(MIN_CHUNK_BYTES);
      expect(length).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    }
    for (const pieceBytes of [777, MiB, bytes.length])
      expect(named(await gathered(chunksOf(pieces(bytes, pieceBytes))))).toEqual(named(chunks));
  });

  test('are a format: these bytes are cut like this for ever', async () => {
    const bytes = Buffer.alloc(600_000);
    for (let at = 0, seed = 1; at < bytes.length; at++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      bytes[at] = seed >>> 16;
    }
    expect(named(await gathered(chunksOf(pieces(bytes))))).toMatchInlineSnapshot(`
      [
        "77223 f4d2d08cc545f8515b4bc83917557930",
        "71484 bddf027d46e22a1ec1f3b5b4e31f8078",
        "70784 b9f07cff9f46de4184ed6b665ba92a3e",
        "73877 19cfed5d01da20dc12a30123acd75eb3",
        "78655 013b1cf446f1cd596694a5c457868471",
        "86415 686f4e31b8c9c965c5ea6009a06857d1",
        "45020 eb2f7aa663e993fb84e995b2080f6106",
        "71274 a738d6c6315e0d45b387430945e9cf50",
        "25268 849d1c77bc0fc1b15b6be0354db25a48",
      ]
    `);
  });
});

describe('a delta', () => {
  test('sends little of a file that got bytes in its middle and lost some at its start', async () => {
    const before = randomBytes(12 * MiB);
    const after = Buffer.concat([
      before.subarray(1000, 5 * MiB),
      randomBytes(2000),
      before.subarray(5 * MiB),
    ]);
    const { arrived, wireBytes } = (await sent(before, after))!;
    expect(arrived.equals(after)).toBe(true);
    expect(wireBytes).toBeLessThan(MiB);
  });

  test('is not made for a file that has nothing of its base', async () => {
    expect(await sent(randomBytes(MiB), randomBytes(MiB))).toBeNull();
  });

  test('rebuilds any edit of any file', async () => {
    const seed = randomBytes(2 * MiB);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            from: fc.nat(2 * MiB),
            length: fc.nat(600_000),
            insert: fc.uint8Array({ maxLength: 50 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (edits) => {
          const after = Buffer.concat(
            edits.flatMap(({ from, length, insert }) => [seed.subarray(from, from + length), insert]),
          );
          const result = await sent(seed, after);
          if (result !== null) expect(result.arrived.equals(after)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('that copies from beyond its base, is cut off, or is something else is refused', async () => {
    const base = storeOf(randomBytes(1000));
    const bodyOf = (...bytes: number[]) => pieces(Buffer.from(bytes));
    const tooFar = Buffer.concat(encodeDelta([{ kind: 'copy', offset: 900, length: 101 }]));
    for (const body of [
      pieces(tooFar),
      bodyOf(1, 0, 0),
      bodyOf(2, 0, 0, 0, 9, 1),
      bodyOf(2, 255, 255, 255, 255),
      bodyOf(7),
    ])
      await expect(gathered(decodeDelta(body, base))).rejects.toMatchObject({ code: 'TRANSFER_BAD_REQUEST' });
  });

  test('a list of chunks that is not that of the base is refused', () => {
    const record = Buffer.alloc(20);
    record.writeUInt32BE(5, 0);
    expect(() => decodeChunks(record, 6)).toThrow(/do not make up/);
    expect(() => decodeChunks(record.subarray(1), 5)).toThrow(/do not make up/);
    expect(decodeChunks(record, 5).size).toBe(1);
  });
});
