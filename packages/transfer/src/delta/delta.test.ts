import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, KiB, MiB } from '@croft/contract';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashFile } from '../blob-hash.ts';
import { HashPool } from '../files/hash-pool.ts';
import { WriteThreads } from '../files/write-threads.ts';
import type { UnverifiedBlob } from '../store/blob-store.ts';
import { chunksIn, decodeChunks, listChunks } from './chunk-list.ts';
import { ChunkRecords, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES, RECORD_BYTES } from './chunker.ts';
import { cutWhole } from './cut-whole.ts';
import { type DeltaRecord, encodeDelta } from './delta-body.ts';
import { planDelta } from './delta-plan.ts';
import { ToldBytes } from './told-bytes.ts';

const BASE_ID = 'sha256-00' as BlobId;
let folder: string;
let pool: HashPool;
let writes: WriteThreads;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-delta-'));
  pool = new HashPool();
  writes = new WriteThreads();
});
afterAll(async () => {
  await pool.close();
  await writes.close();
  await rm(folder, { recursive: true });
});

async function* pieces(bytes: Uint8Array, pieceBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
async function gathered(items: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const item of items) all.push(item);
  return Buffer.concat(all);
}
/** As a store elsewhere has it, or one of this machine where it lies in a file, too. */
function baseOf(bytes: Buffer, path: string | null = null, pieceBytes = 50_000): UnverifiedBlob {
  return {
    size: bytes.length,
    path,
    read: ({ start, end }) => pieces(bytes.subarray(start, end), pieceBytes),
  };
}
async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}
/** Bytes that follow from a seed. */
function madeUp(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, now = seed; at < length; at++) {
    now = (Math.imul(now, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[at] = now >>> 16;
  }
  return bytes;
}

/** Sends `after` against `before`; what the farm makes of it, by both of its ways, and how much had to travel. */
async function sent(before: Buffer, after: Buffer): Promise<{ wireBytes: number } | null> {
  const basePath = await fileOf('before.bin', before);
  const list = await gathered(listChunks(baseOf(before, basePath), pool));
  expect(await gathered(listChunks(baseOf(before), pool))).toEqual(list);
  const path = await fileOf('after.bin', after);
  const cut = (await cutWhole(path, pool))!;
  const known = await hashFile(path, pool);
  expect(cut.hashed).toEqual(known);
  expect(await cutWhole(path, pool, { known })).toEqual(cut);
  const plan = planDelta(cut.chunks, { id: BASE_ID, places: decodeChunks(list, before.length) });
  if (plan === null) return null;
  const made = join(folder, 'made.bin');
  await rm(made, { force: true });
  let wireBytes = list.length;
  const partBytes = 3 * MiB + 7;
  for (let start = 0; start < after.length; start += partBytes) {
    const part = after.subarray(start, start + partBytes);
    const records = plan.runsOf(start, part.length).map((run): DeltaRecord => {
      if (run.from !== null) return { kind: 'copy', offset: run.from, length: run.length };
      return { kind: 'fresh', bytes: after.subarray(run.start, run.start + run.length) };
    });
    const body = Buffer.concat(encodeDelta(records));
    wireBytes += body.length;
    expect((await gathered(new ToldBytes(pieces(body, 33_333), baseOf(before)))).equals(part)).toBe(true);
    const told = new ToldBytes(pieces(body, 33_333), baseOf(before, basePath));
    const written = await writes.write({ path: made, position: start, sync: false }, told, () => undefined);
    expect(written.bytes).toBe(part.length);
  }
  expect((await hashFile(made, pool)).id).toBe(cut.hashed.id);
  return { wireBytes };
}

describe('chunks', () => {
  test('make up the whole, within their limits, however the bytes come', async () => {
    const bytes = randomBytes(9 * MiB + 123);
    const list = await gathered(listChunks(baseOf(bytes), pool));
    const lengths = [...chunksIn(list)].map(({ length }) => length);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length);
    for (const length of lengths.slice(0, -1)) {
      expect(length).toBeGreaterThanOrEqual(MIN_CHUNK_BYTES);
      expect(length).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    }
    for (const pieceBytes of [7777, 3 * MiB, bytes.length])
      expect(await gathered(listChunks(baseOf(bytes, null, pieceBytes), pool))).toEqual(list);
  });

  test('are a format: these bytes are cut like this for ever', () => {
    const records = new ChunkRecords();
    const bytes = madeUp(300_001, 1);
    expect(records.cut(bytes, true)).toBe(bytes.length);
    const told = Buffer.from(records.take());
    const lines = Array.from({ length: told.length / RECORD_BYTES }, (_, index) => {
      const at = index * RECORD_BYTES;
      return `${told.readUInt32BE(at)} ${told.toString('hex', at + 4, at + RECORD_BYTES)}`;
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "35232 6edd00777dfbd200",
        "27063 bec8be11cee1f3f5",
        "37790 74c0dad1c3a4a366",
        "48622 9e11fe55ec94a4dd",
        "51250 fc0994efe7ea5796",
        "65675 1c10c2da90c79708",
        "27736 804a4225104613af",
        "6633 ba6c85e0296b91d7",
      ]
    `);
  });

  test('of a file that several threads cut are those that one would cut, but for the seams', async () => {
    const bytes = randomBytes(4 * 16 * MiB + 5);
    const path = await fileOf('long.bin', bytes);
    const list = await gathered(listChunks(baseOf(bytes, path), pool));
    const { chunks } = (await cutWhole(path, pool, { stretchBytes: 16 * MiB }))!;
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
    const plan = planDelta(chunks, { id: BASE_ID, places: decodeChunks(list, bytes.length) })!;
    const fresh = plan.runsOf(0, bytes.length).filter(({ from }) => from === null);
    expect(fresh.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(4 * 3 * MAX_CHUNK_BYTES);
  });
});

test('a file that is not what was hashed before is not cut', async () => {
  const path = await fileOf('changing.bin', randomBytes(100_000));
  const known = await hashFile(path, pool);
  await writeFile(path, randomBytes(99_999));
  expect(await cutWhole(path, pool, { known })).toBeNull();
});

test('an empty file is the blob of no bytes', async () => {
  const path = await fileOf('empty.bin', Buffer.alloc(0));
  const cut = await cutWhole(path, pool);
  expect(cut).toEqual({ chunks: [], hashed: await hashFile(path, pool) });
  expect(await sent(randomBytes(MiB), Buffer.alloc(0))).toBeNull();
});

describe('a delta', () => {
  test('sends little of a file that got bytes in its middle and lost some at its start', async () => {
    const before = randomBytes(12 * MiB);
    const after = Buffer.concat([
      before.subarray(1000, 5 * MiB),
      randomBytes(2000),
      before.subarray(5 * MiB),
    ]);
    expect((await sent(before, after))!.wireBytes).toBeLessThan(300 * KiB);
  });

  test('is not made for a file that has nothing of its base', async () => {
    expect(await sent(randomBytes(MiB), randomBytes(MiB))).toBeNull();
  });

  test('of any few edits is right, and little more than they are', async () => {
    const seed = madeUp(2 * MiB, 3);
    /** Around an edit lie the chunks that it touched and, in bad luck, some until the borders meet again. */
    const AROUND_EDIT_BYTES = 6 * MAX_CHUNK_BYTES;
    const edit = fc.record({
      kind: fc.constantFrom('insert', 'delete', 'change', 'append', 'truncate'),
      at: fc.nat(2 * MiB),
      bytes: fc.nat(60_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 2 }), async (edits) => {
        let after: Buffer = seed;
        let freshBytes = 0;
        for (const { kind, at, bytes } of edits) {
          const from = kind === 'append' ? after.length : Math.min(at, after.length);
          const added = kind === 'delete' || kind === 'truncate' ? 0 : bytes;
          const dropped =
            kind === 'truncate' ? after.length : kind === 'insert' || kind === 'append' ? 0 : bytes;
          freshBytes += added;
          after = Buffer.concat([after.subarray(0, from), madeUp(added, at), after.subarray(from + dropped)]);
        }
        const result = await sent(seed, after);
        if (result === null) expect(after.length).toBeLessThan(freshBytes + edits.length * AROUND_EDIT_BYTES);
        else expect(result.wireBytes).toBeLessThan(4096 + freshBytes + edits.length * AROUND_EDIT_BYTES);
      }),
      { numRuns: 25 },
    );
  });

  test('rebuilds a file that was put together anew from pieces of its base', async () => {
    const seed = madeUp(2 * MiB, 5);
    const piece = fc.record({
      from: fc.nat(2 * MiB),
      length: fc.nat(600_000),
      insert: fc.uint8Array({ maxLength: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (edits) => {
        await sent(
          seed,
          Buffer.concat(
            edits.flatMap(({ from, length, insert }) => [seed.subarray(from, from + length), insert]),
          ),
        );
      }),
      { numRuns: 15 },
    );
  });

  test('that copies from beyond its base, is cut off, or is something else is refused', async () => {
    const base = baseOf(randomBytes(1000));
    const bodyOf = (...bytes: number[]) => pieces(Buffer.from(bytes));
    const tooFar = Buffer.concat(encodeDelta([{ kind: 'copy', offset: 900, length: 101 }]));
    for (const body of [
      pieces(tooFar),
      bodyOf(1, 0, 0),
      bodyOf(2, 0, 0, 0, 9, 1),
      bodyOf(2, 255, 255, 255, 255),
      bodyOf(7),
    ])
      await expect(gathered(new ToldBytes(body, base))).rejects.toMatchObject({
        code: 'TRANSFER_BAD_REQUEST',
      });
  });

  test('of countless copies from all over its base is refused before much was read', async () => {
    const base = Buffer.alloc(4 * MiB);
    let bytesRead = 0;
    const counted: UnverifiedBlob = {
      size: base.length,
      path: null,
      read({ start, end }) {
        bytesRead += end - start;
        return pieces(base.subarray(start, end));
      },
    };
    const copies = Array.from({ length: 10_000 }, (_, index): DeltaRecord => {
      return { kind: 'copy', offset: (index % 16) * 200_000, length: 1 };
    });
    await expect(
      gathered(new ToldBytes(pieces(Buffer.concat(encodeDelta(copies))), counted)),
    ).rejects.toThrow(/all over its base/);
    expect(bytesRead).toBeLessThan(20 * MiB);
  });

  test('whose base is gone or shorter by now says so', async () => {
    const bytes = randomBytes(100_000);
    const body = () => pieces(Buffer.concat(encodeDelta([{ kind: 'copy', offset: 0, length: 100_000 }])));
    const absent = { ...baseOf(bytes, join(folder, 'absent.bin')) };
    const shorter = baseOf(bytes, await fileOf('shorter.bin', bytes.subarray(1)));
    const target = { path: join(folder, 'made.bin'), position: 0, sync: false };
    for (const base of [absent, shorter])
      await expect(writes.write(target, new ToldBytes(body(), base), () => undefined)).rejects.toMatchObject({
        code: 'TRANSFER_BLOB_MISSING',
      });
    const torn = { ...baseOf(bytes), read: () => pieces(bytes.subarray(1)) };
    await expect(gathered(new ToldBytes(body(), torn))).rejects.toMatchObject({
      code: 'TRANSFER_BLOB_MISSING',
    });
  });

  test('a list of chunks that is not that of the base is refused', () => {
    const record = Buffer.alloc(RECORD_BYTES);
    record.writeUInt32BE(5, 0);
    expect(() => decodeChunks(record, 6)).toThrow(/do not make up/);
    expect(() => decodeChunks(record.subarray(1), 5)).toThrow(/do not make up/);
    expect(decodeChunks(Buffer.concat([Buffer.alloc(RECORD_BYTES), record]), 5).size).toBe(1);
  });
});
