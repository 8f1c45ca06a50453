/**
 * Worker thread of `WriteThreads`: for each stream it hashes blocks and writes them one after the other into a file, so
 * that the thread that reads the network does neither. A stream is begun, fed, and ended or dropped; after a failure what
 * still comes of it is left aside, but each block is given back.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export type WriteOrder =
  /** `path` null: hashed, written nowhere. */
  | { stream: number; kind: 'begin'; path: string | null; position: number }
  | { stream: number; kind: 'block'; block: SharedArrayBuffer; length: number }
  | { stream: number; kind: 'end'; sync: boolean }
  | { stream: number; kind: 'drop' };

export type WriteAnswer =
  | { stream: number; kind: 'took' }
  | { stream: number; kind: 'ended'; sha256: Uint8Array }
  | { stream: number; kind: 'failed'; message: string; code: string | undefined };

interface Stream {
  file: number | null;
  position: number;
  hash: Hash;
}

const streams = new Map<number, Stream>();

function begin(stream: number, path: string | null, position: number): void {
  const file = path === null ? null : openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  streams.set(stream, { file, position, hash: createHash('sha256') });
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

function close(number: number): void {
  const file = streams.get(number)?.file ?? null;
  streams.delete(number);
  if (file !== null) closeSync(file);
}

function obey(order: WriteOrder): void {
  const stream = streams.get(order.stream);
  if (order.kind === 'begin') begin(order.stream, order.path, order.position);
  else if (order.kind === 'drop') close(order.stream);
  else if (stream === undefined) return;
  else if (order.kind === 'block') take(stream, new Uint8Array(order.block, 0, order.length));
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
    tell({ stream: order.stream, kind: 'failed', message, code });
  }
  if (order.kind === 'block') tell({ stream: order.stream, kind: 'took' });
});
