/**
 * A zstd file (Blender from 3.0) as a stream of its content. With a seek table frames are decompressed a few at once in
 * the thread pool, and frames that nobody reads are never decompressed; without one the content is streamed.
 */
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createZstdDecompress, zstdDecompress } from 'node:zlib';
import { KiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import { dccErrors } from '../../../errors.ts';
import { ByteCursor, type ByteSource } from './byte-cursor.ts';
import { decompressionError, streamSource } from './gzip-source.ts';
import { plainSource } from './plain-source.ts';
import { frameBytes, type ZstdFrame } from './zstd-frames.ts';

const decompress = promisify(zstdDecompress);
const FRAMES_AHEAD = 3;

/** Content from frame number `first` of the table on. */
export function seekableZstdSource(file: SceneFile, frames: readonly ZstdFrame[], first = 0): ByteSource {
  const pending = new Map<number, Promise<Buffer>>();
  let at = first;
  let inside = 0;
  let readInARow = 0;
  const start = (index: number): Promise<Buffer> => {
    const running = pending.get(index) ?? decompressFrame(file, frames[index]!);
    running.catch(() => {});
    pending.set(index, running);
    return running;
  };
  const moveTo = (index: number) => {
    at = index;
    inside = 0;
    for (const held of pending.keys()) if (held < index) pending.delete(held);
  };
  return {
    async next() {
      if (at >= frames.length) return null;
      // A lone read between skips must not decompress what will be skipped.
      const ahead = readInARow++ > 0 ? FRAMES_AHEAD : 0;
      for (let index = at; index <= at + ahead && index < frames.length; index++) start(index);
      const content = await start(at);
      const rest = content.subarray(inside);
      moveTo(at + 1);
      return rest.length > 0 ? rest : this.next();
    },
    async skip(length) {
      let moved = 0;
      while (moved < length && at < frames.length) {
        const left = frames[at]!.contentLength - inside;
        if (moved + left > length) {
          inside += length - moved;
          return length;
        }
        moved += left;
        moveTo(at + 1);
        readInARow = 0;
      }
      return moved;
    },
    async close() {
      await Promise.allSettled(pending.values());
    },
  };
}

async function decompressFrame(file: SceneFile, frame: ZstdFrame): Promise<Buffer> {
  const compressed = await file.read(frame.offset, frame.length);
  const content = await decompress(compressed, { maxOutputLength: frame.contentLength }).catch(
    (thrown: unknown) => {
      throw decompressionError(thrown);
    },
  );
  if (content.length !== frame.contentLength) {
    throw dccErrors.DCC_SCENE_DAMAGED('a part of the compressed scene has another size than its table says');
  }
  return content;
}

/** Content of a zstd file without a usable table. */
export function streamedZstdSource(file: SceneFile): ByteSource {
  return streamSource(everyFrame(new ByteCursor(plainSource(file))));
}

async function* everyFrame(cursor: ByteCursor): AsyncGenerator<Buffer> {
  while (await cursor.fill(1)) {
    const compressed = Readable.from(frameBytes(cursor), { objectMode: true, highWaterMark: 4 });
    const unpack = createZstdDecompress({ chunkSize: 256 * KiB });
    compressed.on('error', (error) => unpack.destroy(error));
    try {
      yield* compressed.pipe(unpack) as AsyncIterable<Buffer>;
    } catch (thrown) {
      throw decompressionError(thrown);
    } finally {
      compressed.destroy();
      unpack.destroy();
    }
  }
}
