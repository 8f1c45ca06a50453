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
  close(): Promise<void>;
}

/** mulberry32: the same cuts for the same seed. */
function seeded(seed: number): () => number {
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
  let sentBytes = 0;
  let receivedBytes = 0;
  let cuts = 0;
  let behaves = false;
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
    client.on('data', (chunk) => {
      sentBytes += chunk.length;
      spend(chunk.length);
    });
    farm.on('data', (chunk) => {
      receivedBytes += chunk.length;
      spend(chunk.length);
    });
    client.pipe(farm);
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
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
