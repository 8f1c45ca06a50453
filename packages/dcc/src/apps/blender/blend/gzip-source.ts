/** A gzip file (Blender until 2.93) as a stream of its content. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { coerceError, MiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import { dccErrors } from '../../../errors.ts';
import type { ByteSource } from './byte-cursor.ts';
import { plainSource } from './plain-source.ts';

/** Inflates `file`. Throws DCC_SCENE_TRUNCATED or DCC_SCENE_DAMAGED from `next` and `skip`. */
export function gzipSource(file: SceneFile): ByteSource {
  return streamSource(inflated(file));
}

async function* inflated(file: SceneFile): AsyncGenerator<Buffer> {
  const compressed = Readable.from(everyChunk(plainSource(file)), { objectMode: true, highWaterMark: 1 });
  const gunzip = createGunzip({ chunkSize: MiB });
  compressed.on('error', (error) => gunzip.destroy(error));
  try {
    yield* compressed.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw decompressionError(thrown);
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}

/** All chunks of a source. */
export async function* everyChunk(source: ByteSource): AsyncGenerator<Buffer> {
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) yield chunk;
}

/** A stream that can only be skipped by reading it. */
export function streamSource(chunks: AsyncGenerator<Buffer>): ByteSource {
  let rest: Buffer | null = null;
  const next = async (): Promise<Buffer | null> => {
    if (rest !== null) {
      const held = rest;
      rest = null;
      return held;
    }
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return null;
      if (value.length > 0) return value;
    }
  };
  return {
    next,
    async skip(length) {
      let moved = 0;
      while (moved < length) {
        const chunk = await next();
        if (chunk === null) return moved;
        const step = Math.min(chunk.length, length - moved);
        moved += step;
        if (step < chunk.length) rest = chunk.subarray(step);
      }
      return moved;
    },
    async close() {
      await chunks.return(undefined);
    },
  };
}

const ENDED_EARLY = new Set(['Z_BUF_ERROR', 'ZSTD_error_srcSize_wrong']);

/** What a decompressor threw, as an error of the catalogue; anything that is not its business stays as it is. */
export function decompressionError(thrown: unknown): Error {
  const error = coerceError(thrown);
  const code = 'code' in error ? String(error.code) : '';
  if (ENDED_EARLY.has(code) || /unexpected end of file/i.test(error.message)) {
    return dccErrors.DCC_SCENE_TRUNCATED('the compressed scene ends too early', { cause: error });
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_BUFFER_TOO_LARGE') {
    return dccErrors.DCC_SCENE_DAMAGED('the compressed scene cannot be decompressed', { cause: error });
  }
  return error;
}
