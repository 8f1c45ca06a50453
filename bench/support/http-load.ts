/**
 * Requests over many connections at once, with so little work of its own that it measures the server: requests are bytes
 * made before, answers are only counted. Each connection sends the next request when its answer is whole.
 */
import { connect, type Socket } from 'node:net';

/** Gives the next request as it goes over the wire; null when there is none left. */
export type NextRequest = () => Buffer | null;

export interface Load {
  answers: number;
  seconds: number;
  /** The body of the last answer. */
  body: string;
}

/** Sends until `forMs` have passed. Throws when an answer is not what `isGood` says. */
export async function sendFor(
  port: number,
  connections: number,
  forMs: number,
  next: NextRequest,
  isGood: (body: string) => boolean,
): Promise<Load> {
  const load: Load = { answers: 0, seconds: 0, body: '' };
  const start = performance.now();
  const end = start + forMs;
  const one = () =>
    talk(port, next, (body) => {
      load.answers += 1;
      load.body = body;
      return performance.now() < end;
    });
  await Promise.all(Array.from({ length: connections }, one));
  load.seconds = (performance.now() - start) / 1000;
  if (!isGood(load.body)) throw new Error(`a wrong answer: ${load.body.slice(0, 300)}`);
  return load;
}

/** One connection: resolves when `heard` wants no more or nothing is left to send. */
function talk(port: number, next: NextRequest, heard: (body: string) => boolean): Promise<void> {
  return new Promise((done, fail) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let parts: Buffer[] = [];
    let length = 0;
    let wanted = 0;
    const send = () => {
      const request = next();
      if (request !== null) return void socket.write(request);
      socket.destroy();
      done();
    };
    socket.on('connect', send);
    socket.on('error', fail);
    socket.on('data', (chunk: Buffer) => {
      parts.push(chunk);
      length += chunk.length;
      if (wanted === 0) wanted = answerLength(parts.length === 1 ? chunk : Buffer.concat(parts));
      if (wanted === 0 || length < wanted) return;
      const body = heardBody(parts, wanted);
      parts = [];
      length = 0;
      wanted = 0;
      if (heard(body)) return send();
      socket.destroy();
      done();
    });
  });
}

/** Bytes of head and body together, 0 while the head is not whole. */
function answerLength(bytes: Buffer): number {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const match = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head));
  if (match === null) throw new Error('an answer without a length');
  return head + 4 + Number(match[1]);
}

/** Only the beginning is looked at, so that reading costs the client little. */
function heardBody(parts: readonly Buffer[], wanted: number): string {
  const first = parts[0]!;
  const start = first.indexOf('\r\n\r\n') + 4;
  return first.toString('utf8', start, Math.min(first.length, wanted, start + 300));
}
