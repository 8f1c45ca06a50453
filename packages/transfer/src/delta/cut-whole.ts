/**
 * A whole file in chunks, its stretches by several threads at once. Each stretch begins as if a chunk did, so its first borders
 * may not be those of the whole file; the stretch before it reaches to a border of its own, and where the two meet there most
 * likely is one of both. What lies between is a chunk that nobody has: it travels.
 */
import { hash } from 'node:crypto';
import { MiB, partSizeOf } from '@croft/contract';
import { compositeId, type HashedFile, statFile, WHOLE_MAX_BYTES, wholeId } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import type { HashPool } from '../files/hash-pool.ts';
import { chunksIn, type ToldChunk } from './chunk-list.ts';
import { MAX_CHUNK_BYTES } from './chunker.ts';
import type { CutStretch } from './cut-file.ts';

const STRETCH_BYTES = 128 * MiB;
const STRETCHES_AT_ONCE = 8;
/** No key of any chunk. */
const NOBODYS = '';

export interface CutFile {
  readonly chunks: readonly ToldChunk[];
  readonly hashed: HashedFile;
}

export interface CutOptions {
  signal?: AbortSignal | undefined;
  /** What an earlier reading found: then the file is only cut. */
  known?: HashedFile | null;
  stretchBytes?: number;
}

/** Reads the file once for both its chunks and its id; null where it changed meanwhile. TRANSFER_FILE_UNREADABLE. */
export async function cutWhole(
  path: string,
  pool: HashPool,
  { signal, known = null, stretchBytes: wantedBytes = STRETCH_BYTES }: CutOptions = {},
): Promise<CutFile | null> {
  const before = await statFile(path);
  const { size, mtimeMs } = known ?? before;
  if (before.size !== size || before.mtimeMs !== mtimeMs) return null;
  const partBytes = partSizeOf(size);
  const stretchBytes = Math.ceil(wantedBytes / partBytes) * partBytes;
  const offsets = Array.from({ length: Math.ceil(size / stretchBytes) }, (_, index) => index * stretchBytes);
  const stretches: CutStretch[] = [];
  let isShort = false;
  await inLanes(offsets.entries(), STRETCHES_AT_ONCE, async ([index, offset]) => {
    signal?.throwIfAborted();
    const length = Math.min(stretchBytes, size - offset);
    const beyond = Math.min(MAX_CHUNK_BYTES, size - offset - length);
    const stretch = { path, offset, length, beyond, partBytes: known === null ? partBytes : null };
    const cut = isShort ? null : await pool.cutFile(stretch);
    if (cut === null) isShort = true;
    else stretches[index] = cut;
  });
  const after = await statFile(path);
  if (isShort || after.size !== size || after.mtimeMs !== mtimeMs) return null;
  return {
    chunks: joined(stretches, stretchBytes),
    hashed: known ?? { ...hashesOf(stretches, size), mtimeMs },
  };
}

function hashesOf(stretches: readonly CutStretch[], size: number): Omit<HashedFile, 'mtimeMs'> {
  // A file that was emptied meanwhile has no stretch, but is the blob of no bytes.
  const partHashes = size === 0 ? [hash('sha256', '', 'hex')] : stretches.flatMap((one) => one.partHashes);
  const id =
    size <= WHOLE_MAX_BYTES
      ? wholeId(partHashes[0]!)
      : compositeId(partHashes.map((hex) => Buffer.from(hex, 'hex')));
  return { id, size, partHashes };
}

function joined(stretches: readonly CutStretch[], stretchBytes: number): ToldChunk[] {
  const chunks: ToldChunk[] = [];
  let end = 0;
  for (const [index, { records }] of stretches.entries()) {
    let at = index * stretchBytes;
    for (const chunk of chunksIn(records)) {
      const next = at + chunk.length;
      if (at >= end) {
        if (at > end) chunks.push({ length: at - end, key: NOBODYS });
        chunks.push(chunk);
        end = next;
      }
      at = next;
    }
  }
  return chunks;
}
