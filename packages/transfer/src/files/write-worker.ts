/**
 * Worker thread of `WriteThreads`: for each stream it hashes blocks and writes them one after the other into a file, so
 * that the thread that reads the network does neither. A stream is begun, fed, and ended or dropped; after a failure what
 * still comes of it is left aside, but each block is given back.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export type WriteOrder =
  /** `path` null: hashed, written nowhere. */
  | { stream: number; kind: 'begin'; path: string | null; position: number }
  | { stream: number; kind: 'block'; block: SharedArrayBuffer; length: number }
  /** Bytes of another file, which are taken from there. */
  | { stream: number; kind: 'copy'; from: string; offset: number; length: number }
  | { stream: number; kind: 'end'; sync: boolean }
  | { stream: number; kind: 'drop' };

export type WriteAnswer =
  | { stream: number; kind: 'took' }
  | { stream: number; kind: 'ended'; sha256: Uint8Array }
  | { stream: number; kind: 'failed'; message: string; code: string | undefined }
  /** The file to copy from is gone, or shorter. */
  | { stream: number; kind: 'lost'; message: string };

interface Stream {
  file: number | null;
  position: number;
  hash: Hash;
  /** The file that was copied from last, open. */
  source: { path: string; file: number } | null;
}

const COPY_BYTES = 1024 * 1024;
const copied = Buffer.allocUnsafeSlow(COPY_BYTES);

class SourceLost extends Error {}

const streams = new Map<number, Stream>();

function begin(stream: number, path: string | null, position: number): void {
  const file = path === null ? null : openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  streams.set(stream, { file, position, hash: createHash('sha256'), source: null });
}

function take(stream: Stream, bytes: Uint8Array): void {
  stream.hash.update(bytes);
  if (stream.file === null) return;
  let done = 0;
  while (done < bytes.length) {
    const written = writeSync(stream.file, bytes, done, bytes.length - done, stream.position);
    done += written;
    stream.position += written;
  }
}

function copy(
  stream: Stream,
  { from, offset, length }: { from: string; offset: number; length: number },
): void {
  const source = sourceOf(stream, from);
  for (let done = 0; done < length; ) {
    const read = readSync(source, copied, 0, Math.min(COPY_BYTES, length - done), offset + done);
    if (read === 0) throw new SourceLost(`${from} ends before ${offset + length}`);
    take(stream, copied.subarray(0, read));
    done += read;
  }
}

function sourceOf(stream: Stream, path: string): number {
  if (stream.source?.path === path) return stream.source.file;
  if (stream.source !== null) closeSync(stream.source.file);
  stream.source = null;
  try {
    stream.source = { path, file: openSync(path, 'r') };
  } catch (thrown) {
    throw (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? new SourceLost(`${path} is gone`) : thrown;
  }
  return stream.source.file;
}

function close(number: number): void {
  const stream = streams.get(number);
  streams.delete(number);
  if (stream === undefined) return;
  if (stream.source !== null) closeSync(stream.source.file);
  if (stream.file !== null) closeSync(stream.file);
}

function obey(order: WriteOrder): void {
  const stream = streams.get(order.stream);
  if (order.kind === 'begin') begin(order.stream, order.path, order.position);
  else if (order.kind === 'drop') close(order.stream);
  else if (stream === undefined) return;
  else if (order.kind === 'block') take(stream, new Uint8Array(order.block, 0, order.length));
  else if (order.kind === 'copy') copy(stream, order);
  else end(order.stream, stream, order.sync);
}

function end(number: number, stream: Stream, sync: boolean): void {
  if (sync && stream.file !== null) fdatasyncSync(stream.file);
  close(number);
  tell({ stream: number, kind: 'ended', sha256: stream.hash.digest() });
}

function tell(answer: WriteAnswer): void {
  parentPort?.postMessage(answer);
}

parentPort?.on('message', (order: WriteOrder) => {
  try {
    obey(order);
  } catch (thrown) {
    close(order.stream);
    const { message, code } = thrown as NodeJS.ErrnoException;
    if (thrown instanceof SourceLost) tell({ stream: order.stream, kind: 'lost', message });
    else tell({ stream: order.stream, kind: 'failed', message, code });
  }
  if (order.kind === 'block' || order.kind === 'copy') tell({ stream: order.stream, kind: 'took' });
});
