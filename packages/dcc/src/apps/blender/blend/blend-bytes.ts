/** A .blend as uncompressed bytes, whatever it is packed in: told by its content, never by its name. */
import { GiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import { dccErrors } from '../../../errors.ts';
import type { ByteSource } from './byte-cursor.ts';
import { TAIL_BYTES } from './dna-finder.ts';
import { gzipSource } from './gzip-source.ts';
import { startsLikeBlend } from './header.ts';
import { plainSource } from './plain-source.ts';
import { readSeekTable } from './zstd-frames.ts';
import { seekableZstdSource, streamedZstdSource } from './zstd-source.ts';

export interface BlendBytes {
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** The content from its start. The caller closes it. */
  open(): ByteSource;
  /** The last bytes of the content where they can be had without the rest, else null. */
  tail(): Promise<Buffer | null>;
}

/** More than this is no scene but an attack, or beyond any machine: 64 GiB decompressed. */
const MOST_CONTENT = 64 * GiB;
/** Scenes shrink 2 to 20 times. What claims far more, once it is long, is a bomb: a MiB of zstd can hold 50 GiB of zeros. */
const MOST_RATIO = 500;
const ALWAYS_ALLOWED = 2 * GiB;

/** How many bytes a file of that size may decompress to. */
export function mostContentOf(fileBytes: number): number {
  return Math.min(MOST_CONTENT, Math.max(ALWAYS_ALLOWED, MOST_RATIO * fileBytes));
}

const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

const startsWith = (head: Uint8Array, magic: readonly number[]) =>
  magic.every((byte, at) => head[at] === byte);

/** How the bytes are packed, by their first few; null where they are nothing that can hold a .blend. */
export function compressionOf(head: Uint8Array): BlendBytes['compression'] | null {
  if (startsLikeBlend(head)) return 'none';
  if (startsWith(head, GZIP)) return 'gzip';
  if (startsWith(head, ZSTD)) return 'zstd';
  return null;
}

/** Prepares a file for reading. Throws DCC_LFS_POINTER, DCC_NOT_A_SCENE or DCC_SCENE_TRUNCATED (an empty file). */
export async function blendBytes(file: SceneFile): Promise<BlendBytes> {
  const head = await file.read(0, 64);
  if (head.length === 0) throw dccErrors.DCC_SCENE_TRUNCATED('the scene file is empty');
  const compression = compressionOf(head);
  if (compression === null) throw refusalOf(head);
  if (compression === 'none') {
    const tail = async () => Buffer.from(await file.read(Math.max(0, file.size - TAIL_BYTES), TAIL_BYTES));
    return { compression, open: () => plainSource(file), tail };
  }
  if (compression === 'gzip')
    return { compression, open: () => limited(gzipSource(file), file), tail: async () => null };
  const frames = await readSeekTable(file);
  if (frames === null || frames.length === 0) {
    return { compression, open: () => limited(streamedZstdSource(file), file), tail: async () => null };
  }
  const tail = async () => {
    let first = frames.length;
    for (let bytes = 0; bytes < TAIL_BYTES && first > 0; ) bytes += frames[--first]!.contentLength;
    return drain(seekableZstdSource(file, frames, first));
  };
  return { compression, open: () => limited(seekableZstdSource(file, frames), file), tail };
}

/** What to say of a file that is no .blend at all. */
export function refusalOf(head: Uint8Array): Error {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (text.startsWith('version https://git-lfs')) {
    return dccErrors.DCC_LFS_POINTER('the file is only a Git LFS pointer to the scene, not the scene');
  }
  return dccErrors.DCC_NOT_A_SCENE('the file is no Blender scene, whatever its name says');
}

async function drain(source: ByteSource): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let part = await source.next(); part !== null; part = await source.next()) parts.push(part);
  return Buffer.concat(parts);
}

/** Refuses content without end: a few KiB of gzip can claim terabytes. */
function limited(source: ByteSource, file: SceneFile): ByteSource {
  const most = mostContentOf(file.size);
  let left = most;
  const spend = (bytes: number) => {
    left -= bytes;
    if (left < 0)
      throw dccErrors.DCC_TOO_LARGE(`the scene decompresses to more than ${Math.floor(most / GiB)} GiB`);
  };
  return {
    async next() {
      const bytes = await source.next();
      if (bytes !== null) spend(bytes.length);
      return bytes;
    },
    async skip(length) {
      const moved = await source.skip(Math.min(length, left + 1));
      spend(moved);
      return moved;
    },
    close: () => source.close(),
  };
}
