/**
 * Bodies that travel compressed: whether it is worth it, and both directions of it.
 *
 * Only the wire sees zstd. Signatures, hashes, sizes, ranges and parts are those of the plain bytes, so what comes out is
 * checked like any body, and a compressor that is wrong can spoil nothing. Whoever receives says beforehand how many plain
 * bytes he takes: a body that unfolds to more is refused at that point, and its window is bounded, so it costs no memory.
 */
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { constants, createZstdCompress, createZstdDecompress, zstdCompress } from 'node:zlib';
import { coerceError, KiB } from '@croft/contract';

export const ZSTD = 'zstd';

/** The fastest level: it must keep up with a link. The checksum finds a flipped bit before the hash does. */
const SETTINGS = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
/** 8 MiB: more than level 1 ever uses. A frame that wants more memory is refused. */
const WINDOW_LOG_MAX = 23;
/** What a body must shrink to, at most, to travel compressed. */
const WORTH = 0.8;
const SAMPLE_BYTES = 64 * KiB;
const SAMPLES = 4;

const compressed = promisify(zstdCompress);

/** Whether some stretches of the bytes, spread over all of them, shrink enough. Costs less than a millisecond. */
export async function isWorthZstd(bytes: Uint8Array): Promise<boolean> {
  const step = Math.max(SAMPLE_BYTES, Math.floor(bytes.length / SAMPLES));
  const samples: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) samples.push(bytes.subarray(at, at + SAMPLE_BYTES));
  const sample = samples.length === 1 ? samples[0]! : Buffer.concat(samples);
  return sample.length > 0 && (await compressed(sample, SETTINGS)).length <= sample.length * WORTH;
}

/** The body compressed; null where that is not worth it. */
export async function zstdOf(bytes: Uint8Array): Promise<Uint8Array | null> {
  if (!(await isWorthZstd(bytes))) return null;
  const shorter = await compressed(bytes, SETTINGS);
  return shorter.length <= bytes.length * WORTH ? shorter : null;
}

/** Compresses a stream chunk by chunk; an error of the source ends it with that error. */
export function zstdStream(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const stream = createZstdCompress(SETTINGS);
  pipeline(body, stream).catch(() => undefined);
  return stream;
}

/**
 * The plain bytes of a compressed body, which must be `plainBytes`. Throws what `damaged` makes of a sentence where they are
 * more or fewer, or the body is no whole zstd frame; errors of the body itself pass.
 */
export async function* unzstd(
  body: AsyncIterable<Uint8Array>,
  plainBytes: number,
  damaged: (why: string) => Error,
): AsyncGenerator<Uint8Array> {
  const stream = createZstdDecompress({
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    chunkSize: 128 * KiB,
  });
  // Its error arrives at the reader of the stream.
  pipeline(body, stream).catch(() => undefined);
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > plainBytes)
        throw damaged(`the compressed body unfolds to more than the ${plainBytes} bytes it promised`);
      yield chunk;
    }
  } catch (thrown) {
    const error = coerceError(thrown) as NodeJS.ErrnoException;
    const isZstd = /^(ZSTD_|Z_)/.test(error.code ?? '');
    throw isZstd ? damaged(`the compressed body is damaged: ${error.message}`) : thrown;
  } finally {
    stream.destroy();
  }
  if (total < plainBytes)
    throw damaged(`the compressed body unfolds to ${total} bytes and promised ${plainBytes}`);
}
