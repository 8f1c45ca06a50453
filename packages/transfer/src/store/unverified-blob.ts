/** Blobs of the disk as they lie there. */
import { createReadStream } from 'node:fs';
import { MiB } from '@croft/contract';
import type { UnverifiedBlob } from './blob-store.ts';

export function unverifiedFile(path: string, size: number): UnverifiedBlob {
  return {
    size,
    path,
    read: ({ start, end }) => createReadStream(path, { start, end: end - 1, highWaterMark: MiB }),
  };
}

/** Of bytes that lie among others in a pack. */
export function unverifiedBytes(bytes: Uint8Array): UnverifiedBlob {
  return { size: bytes.length, path: null, read: ({ start, end }) => once(bytes.subarray(start, end)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
