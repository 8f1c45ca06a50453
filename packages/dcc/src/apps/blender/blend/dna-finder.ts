/**
 * Finds the DNA1 block before the file is scanned: it lies in the last MiB of nearly every file. Knowing the structs first,
 * the scan keeps only what is wanted. Where it is not found there, null is no error: the scan meets it at the end.
 */
import { MiB } from '@croft/contract';
import { blockHeadBytes, readBlockHead } from './blocks.ts';
import type { BlendHeader } from './header.ts';
import { readSdna, type Sdna } from './sdna.ts';

/** Bytes at the end of the uncompressed file that `findDna` looks at. */
export const TAIL_BYTES = MiB;

/** The catalogue of structs in the last bytes of a file, or null. */
export function findDna(tail: Buffer, header: BlendHeader): Sdna | null {
  const headBytes = blockHeadBytes(header);
  const head = Buffer.from('DNA1');
  for (let at = tail.lastIndexOf(head); at >= 0; at = at > 0 ? tail.lastIndexOf(head, at - 1) : -1) {
    const start = at + headBytes;
    if (tail.toString('latin1', start, start + 8) !== 'SDNANAME') continue;
    const { length } = readBlockHead(tail.subarray(at, start), header);
    if (start + length <= tail.length) return readSdna(tail.subarray(start, start + length), header);
  }
  return null;
}
