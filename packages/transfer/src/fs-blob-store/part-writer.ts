/**
 * For the kill -9 test: as a process, writes the parts of a made-up blob into the store folder given, two at a time, and
 * prints the number of each part that was answered. As a module, gives the same blob to the test.
 */
import { createHash } from 'node:crypto';
import { argv, stdout } from 'node:process';
import { MiB, partCountOf, silentLog } from '@croft/contract';
import { compositeId, partSpan } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { openFsBlobStore } from './fs-blob-store.ts';

const SIZE_BYTES = 160 * MiB;

/** Ten parts of bytes that follow from the seed. */
export function madeUpBlob(seed: string) {
  const block = createHash('sha256').update(seed).digest();
  const bytes = Buffer.alloc(SIZE_BYTES, block);
  for (let at = 0; at < SIZE_BYTES; at += MiB) bytes.writeUInt32BE(at, at);
  const parts = Array.from({ length: partCountOf(SIZE_BYTES) }, (_, part) => {
    const { start, length } = partSpan(SIZE_BYTES, part);
    const piece = bytes.subarray(start, start + length);
    return { bytes: piece, sha256: createHash('sha256').update(piece).digest() };
  });
  const upload = { owner: 'account-1', id: compositeId(parts.map(({ sha256 }) => sha256)), size: SIZE_BYTES };
  const send = (store: BlobStore, part: number) =>
    store.putPart(upload, part, parts[part]!.sha256.toString('hex'), slices(parts[part]!.bytes));
  return { bytes, parts, upload, send };
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += MiB) yield bytes.subarray(at, at + MiB);
}

const [, script, home, seed] = argv;
if (script === new URL(import.meta.url).pathname && home !== undefined && seed !== undefined) {
  const long = madeUpBlob(seed);
  const store = await openFsBlobStore({ home, log: silentLog, keepFreeBytes: 0 });
  await inLanes(long.parts.keys(), 2, async (part) => {
    await long.send(store, part);
    stdout.write(`${part}\n`);
  });
}
