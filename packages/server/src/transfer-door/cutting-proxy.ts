/** For tests: a TCP proxy that cuts connections after a random number of bytes, by a seeded choice. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  url: string;
  /** Bytes that clients sent through. */
  sentBytes(): number;
  /** Bytes that they got. */
  receivedBytes(): number;
  cuts(): number;
  /** Lets everything pass from now on. */
  behave(): void;
  /** Stops taking what clients send once it is so much in all; resolves then. `behave` lets it go on. */
  holdAt(sentBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** mulberry32: the same cuts for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Each connection lives for up to `meanBytes` × 2 bytes, both ways together. `target` is asked anew each time. */
export async function openCuttingProxy(
  target: () => number,
  meanBytes: number,
  seed: number,
): Promise<CuttingProxy> {
  const random = seeded(seed);
  const open = new Set<Socket>();
  const senders = new Set<Socket>();
  let sentBytes = 0;
  let receivedBytes = 0;
  let cuts = 0;
  let behaves = false;
  let limit = Number.POSITIVE_INFINITY;
  let onHeld = () => {};
  const server = createServer((client) => {
    const farm = connect(target(), '127.0.0.1');
    let left = random() * meanBytes * 2;
    const end = () => {
      client.destroy();
      farm.destroy();
    };
    const spend = (bytes: number) => {
      left -= bytes;
      if (left > 0 || behaves) return;
      if (!client.destroyed) cuts++;
      end();
    };
    for (const socket of [client, farm]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    senders.add(client);
    client.on('close', () => senders.delete(client));
    // Written by hand: a pipe would go on by itself while the senders are held.
    client.on('data', (chunk) => {
      sentBytes += chunk.length;
      spend(chunk.length);
      if (!farm.destroyed && !farm.write(chunk)) {
        client.pause();
        farm.once('drain', () => {
          if (sentBytes < limit) client.resume();
        });
      }
      if (sentBytes >= limit) {
        for (const sender of senders) sender.pause();
        onHeld();
      }
    });
    client.on('end', () => farm.end());
    farm.on('data', (chunk) => {
      receivedBytes += chunk.length;
      spend(chunk.length);
    });
    farm.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sentBytes: () => sentBytes,
    receivedBytes: () => receivedBytes,
    cuts: () => cuts,
    behave: () => {
      behaves = true;
      limit = Number.POSITIVE_INFINITY;
      for (const sender of senders) sender.resume();
    },
    holdAt: (bytes) => {
      limit = bytes;
      return new Promise((resolve) => {
        onHeld = resolve;
      });
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
