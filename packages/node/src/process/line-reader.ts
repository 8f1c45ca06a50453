/** Cuts a stream of bytes into lines of bounded length: what a line has above the limit is thrown away. */
import type { Readable } from 'node:stream';
import { KiB } from '@croft/contract';

export const LONGEST_LINE_BYTES = 16 * KiB;
const NEWLINE = 0x0a;

/** Calls `onLine` for each line, without its end; a last line without an end counts when the stream ends. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (bytes: Buffer) => {
    const room = LONGEST_LINE_BYTES - heldBytes;
    if (room <= 0 || bytes.length === 0) return;
    held.push(bytes.length > room ? bytes.subarray(0, room) : bytes);
    heldBytes += Math.min(bytes.length, room);
  };
  const flush = () => {
    const line = Buffer.concat(held).toString('utf8');
    held = [];
    heldBytes = 0;
    onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  };
  stream.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, end));
      flush();
      from = end + 1;
    }
    hold(chunk.subarray(from));
  });
  stream.on('end', () => {
    if (heldBytes > 0) flush();
  });
  stream.on('error', () => {});
}
