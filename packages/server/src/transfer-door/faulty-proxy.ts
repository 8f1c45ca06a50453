/**
 * For tests: a TCP proxy with bad weather. Each connection gets one kind of trouble again and again, after random numbers
 * of bytes by a seeded choice:
 *
 *   cut      both ends are closed
 *   stall    nothing passes any more, either way, and nobody is told
 *   slow     each chunk waits, up to 5 ms; so requests that left first may come in last
 *   flip     one bit of a long chunk is another
 *   reorder  a long chunk comes after the one that follows it
 *
 * Bits and orders change only within long chunks: those are content. Heads of requests and short lists pass as they are.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { KiB } from '@croft/contract';
import { seeded } from './cutting-proxy.ts';

export type Trouble = 'cut' | 'stall' | 'slow' | 'flip' | 'reorder';

export interface FaultyProxy {
  url: string;
  /** Bytes that clients sent through. */
  sentBytes(): number;
  /** Bytes that they got. */
  receivedBytes(): number;
  /** How often something went wrong. */
  troubles(): number;
  close(): Promise<void>;
}

const LONG_CHUNK_BYTES = 32 * KiB;
const LONGEST_WAIT_MS = 5;
/** A chunk that waits for the next one waits no longer. */
const REORDERED_WITHIN_MS = 50;

export interface Weather {
  kind: Trouble;
  /** How many bytes pass between two troubles of a connection, each way, on the average. */
  meanBytes: number;
  seed: number;
  /** Troubles each way, of all connections together; after that everything passes. */
  most?: number;
}

export async function openFaultyProxy(
  target: () => number,
  { kind, meanBytes, seed, most = Number.POSITIVE_INFINITY }: Weather,
): Promise<FaultyProxy> {
  const random = seeded(seed);
  const due = { up: 0, down: 0 };
  const open = new Set<Socket>();
  let sentBytes = 0;
  let receivedBytes = 0;
  const server = createServer((client) => {
    const farm = connect(target(), '127.0.0.1');
    const link: Link = { client, isStalled: false };
    const left = { up: random() * meanBytes * 2, down: random() * meanBytes * 2 };
    const end = () => {
      client.destroy();
      farm.destroy();
    };
    for (const socket of [client, farm]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    const isDue = (chunk: Buffer, way: keyof typeof due) => {
      left[way] -= chunk.length;
      const needsLong = kind === 'flip' || kind === 'reorder';
      if (left[way] > 0 || due[way] >= most || (needsLong && chunk.length < LONG_CHUNK_BYTES)) return false;
      left[way] = random() * meanBytes * 2;
      due[way] += 1;
      return true;
    };
    passOn(client, farm, { kind, link, random }, (chunk) => {
      sentBytes += chunk.length;
      return isDue(chunk, 'up');
    });
    passOn(farm, client, { kind, link, random }, (chunk) => {
      receivedBytes += chunk.length;
      return isDue(chunk, 'down');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sentBytes: () => sentBytes,
    receivedBytes: () => receivedBytes,
    troubles: () => due.up + due.down,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface Link {
  client: Socket;
  isStalled: boolean;
}

function passOn(
  from: Socket,
  to: Socket,
  { kind, link, random }: { kind: Trouble; link: Link; random: () => number },
  isDue: (chunk: Buffer) => boolean,
): void {
  let held: Buffer | null = null;
  /** What was read before goes first, however long it waits. */
  let before: Promise<void> = Promise.resolve();
  const write = (chunk: Buffer) => {
    if (to.destroyed || link.isStalled || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => from.resume());
  };
  const release = () => {
    if (held !== null) write(held);
    held = null;
  };
  from.on('data', (chunk: Buffer) => {
    const due = isDue(chunk);
    if (link.isStalled) return;
    if (kind === 'slow') {
      from.pause();
      const waitMs = random() * LONGEST_WAIT_MS;
      before = before.then(() => new Promise((resolve) => setTimeout(resolve, waitMs)));
      void before.then(() => {
        from.resume();
        write(chunk);
      });
      return;
    }
    if (due && kind === 'cut') return void link.client.destroy();
    if (due && kind === 'stall') link.isStalled = true;
    if (due && kind === 'flip') flipOneBit(chunk, random);
    if (due && kind === 'reorder' && held === null) {
      held = chunk;
      setTimeout(release, REORDERED_WITHIN_MS);
      return;
    }
    write(chunk);
    release();
  });
  from.on('end', () => {
    release();
    void before.then(() => to.end());
  });
}

/** In its second half: heads stand at the beginning. */
function flipOneBit(chunk: Buffer, random: () => number): void {
  chunk[Math.floor(chunk.length * (0.5 + random() / 2))]! ^= 1 << Math.floor(random() * 8);
}
