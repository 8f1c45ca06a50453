/**
 * A link between two programs of this machine: what goes through takes as long as it would over a wire of that round trip
 * and those rates. A process of its own, so that it costs neither side anything that is measured.
 *
 *   node link-proxy.ts TARGET_PORT ROUND_TRIP_MS CONNECTION_BYTES_PER_S SHARED_BYTES_PER_S WINDOW_BYTES     0: no bound
 *
 * It prints its port. Each way has the shared rate for itself. A chunk waits for its connection's rate, then for the shared one, then
 * half a round trip; a connection has at most WINDOW_BYTES on their way, as TCP has its window, and a new one passes nothing in its
 * first round trip. There is no slow start and no loss.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { argv, stdout } from 'node:process';

const [target, roundTripMs, ownPerSecond, sharedPerSecond, windowBytes] = argv.slice(2).map(Number);
if (!target || windowBytes === undefined) throw new Error('name port, round trip, both rates and the window');

/** When a rate is free again, ms of `performance.now()`. */
class Rate {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : bytesPerSecond / 1000;
  }

  /** When `bytes` that want to pass at `atMs` have passed. */
  book(bytes: number, atMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, atMs) + bytes / this.#bytesPerMs;
    return this.#freeAtMs;
  }
}

const shared = { up: new Rate(sharedPerSecond!), down: new Rate(sharedPerSecond!) };

function carry(from: Socket, to: Socket, way: Rate, openAtMs: number): void {
  const own = new Rate(ownPerSecond!);
  const waiting: { chunk: Buffer; atMs: number }[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | null = null;
  let hasEnded = false;
  const deliver = () => {
    timer = null;
    while (waiting[0] !== undefined && waiting[0].atMs <= performance.now()) {
      const { chunk } = waiting.shift()!;
      to.write(chunk);
      bytes -= chunk.length;
    }
    if (windowBytes === 0 || bytes < windowBytes!) from.resume();
    if (waiting[0] !== undefined) timer = setTimeout(deliver, waiting[0].atMs - performance.now());
    else if (hasEnded) to.end();
  };
  from.on('data', (chunk: Buffer) => {
    const booked = way.book(chunk.length, own.book(chunk.length, Math.max(performance.now(), openAtMs)));
    waiting.push({ chunk, atMs: booked + roundTripMs! / 2 });
    bytes += chunk.length;
    if (windowBytes !== 0 && bytes >= windowBytes!) from.pause();
    if (timer === null) deliver();
  });
  from.on('end', () => {
    hasEnded = true;
    if (timer === null) deliver();
  });
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!hasEnded) to.destroy();
  });
}

const server = createServer({ noDelay: true, highWaterMark: 65_536 }, (client) => {
  const farm = connect({ port: target, host: '127.0.0.1', noDelay: true });
  const openAtMs = performance.now() + roundTripMs!;
  carry(client, farm, shared.up, openAtMs);
  carry(farm, client, shared.down, openAtMs);
}).listen(0, '0.0.0.0');
await once(server, 'listening');
stdout.write(`${(server.address() as AddressInfo).port}\n`);
