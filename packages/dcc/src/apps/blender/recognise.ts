/** Whether bytes are a .blend: plain, or packed with one inside. */
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressionOf } from './blend/blend-bytes.ts';
import { startsLikeBlend } from './blend/header.ts';

const LOOK = 64 * 1024;

/** `head`: the first 4 KiB. A packed head that cannot be unpacked alone counts by the extension. */
export function recognises(head: Uint8Array, extension: string): boolean {
  const compression = compressionOf(head);
  if (compression === null) return false;
  if (compression === 'none') return true;
  try {
    const start =
      compression === 'gzip'
        ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LOOK * 1024 })
        : zstdDecompressSync(head, { finishFlush: constants.ZSTD_e_flush, maxOutputLength: LOOK * 1024 });
    if (start.length >= 7) return startsLikeBlend(start);
  } catch {
    // Not enough of it, or damaged: the name decides who gets to say what is wrong with it.
  }
  return /^blend\d*$/.test(extension);
}
