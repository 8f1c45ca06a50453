/** An uncompressed file as a stream: reads grow while it is read through, and stay small where most of it is skipped. */
import { KiB, MiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import type { ByteSource } from './byte-cursor.ts';

const SMALLEST_READ = 64 * KiB;
const LARGEST_READ = MiB;

/** Reads `file` from `start` on. `close` leaves the file open: its opener closes it. */
export function plainSource(file: SceneFile, start = 0): ByteSource {
  let position = start;
  let reach = SMALLEST_READ;
  return {
    async next() {
      if (position >= file.size) return null;
      const bytes = await file.read(position, reach);
      if (bytes.length === 0) return null;
      position += bytes.length;
      reach = Math.min(reach * 2, LARGEST_READ);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    async skip(length) {
      const moved = Math.max(0, Math.min(length, file.size - position));
      position += moved;
      if (moved >= SMALLEST_READ) reach = SMALLEST_READ;
      return moved;
    },
    async close() {},
  };
}
