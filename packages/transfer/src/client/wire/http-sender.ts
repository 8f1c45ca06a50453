/**
 * HTTP requests whose bodies are long, over `node:http`: a streamed body of `fetch` costs three times the processor time, and
 * is framed in chunks that the receiver has to take apart.
 *
 * A sender has its own connections, kept open between requests. Certificates are checked against the default ones of the
 * process, to which a private one is added with `tls.setDefaultCACertificates`; the proxy of the environment is used where
 * Node was told to. Nothing is followed, decompressed or tried again here. An answer may come before the body is out (a
 * refusal): the rest of the body then stays here, and the connection is not used again.
 */
import {
  type Agent,
  type AgentOptions,
  type ClientRequest,
  globalAgent,
  Agent as HttpAgent,
  request,
} from 'node:http';
import { Agent as HttpsAgent, request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ConnectionBroke } from './connection-broke.ts';
import { HttpAnswer } from './http-answer.ts';

/** A body says how long it is, so that it travels without frames around its chunks. */
export interface OutgoingBody {
  length: number;
  chunks: AsyncIterable<Uint8Array>;
}

export interface OutgoingRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body?: OutgoingBody | undefined;
  signal: AbortSignal;
  /** Told when there is a connection, a kept one or a new one. */
  onConnected?: (() => void) | undefined;
}

/** What Node does, and its types do not say. */
type ConfiguredAgent = Agent & { options: Pick<AgentOptions, 'proxyEnv'> };

export class HttpSender {
  readonly #ways: Record<string, { agent: Agent; ask: typeof request }>;

  constructor() {
    const { proxyEnv } = (globalAgent as ConfiguredAgent).options;
    const options = { keepAlive: true, proxyEnv };
    this.#ways = {
      'http:': { agent: new HttpAgent(options), ask: request },
      'https:': { agent: new HttpsAgent(options), ask: secureRequest },
    };
  }

  /** Resolves with the head of the answer. Rejects with ConnectionBroke, or with what the body's chunks threw. */
  send({ url, method, headers, body, signal, onConnected }: OutgoingRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const way = this.#ways[url.protocol];
      if (way === undefined) throw new ConnectionBroke(`${url.protocol} is no way to reach a farm`);
      if (signal.aborted) throw new ConnectionBroke('it was aborted', { cause: signal.reason });
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const asked = way.ask(url, { agent: way.agent, method, headers: { ...headers, ...length } });
      // Stays for as long as the request does: an answer that breaks off later tells it to its reader.
      asked.on('error', (error) => reject(ConnectionBroke.by(error)));
      asked.once('response', (message) => {
        // Half a body cannot be followed by another request.
        message.once('end', () => asked.writableEnded || asked.destroy());
        resolve(new HttpAnswer(message));
      });
      const abort = () => asked.destroy(new ConnectionBroke('it was aborted', { cause: signal.reason }));
      signal.addEventListener('abort', abort, { once: true });
      asked.once('close', () => signal.removeEventListener('abort', abort));
      if (onConnected !== undefined) asked.once('socket', (socket) => whenConnected(socket, onConnected));
      writeBody(asked, body).catch((thrown) => {
        reject(thrown);
        asked.destroy();
      });
    });
  }

  /** Closes all connections; requests under way break. */
  close(): void {
    for (const { agent } of Object.values(this.#ways)) agent.destroy();
  }
}

function whenConnected(socket: Socket, action: () => void): void {
  if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', action);
  else action();
}

/** Pulls only what the socket takes, so that counting and limiting happen when bytes really go. */
async function writeBody(asked: ClientRequest, body: OutgoingBody | undefined): Promise<void> {
  if (body === undefined || body.length === 0) return void asked.end();
  let isOver = false;
  let wake = (): void => undefined;
  const end = () => {
    isOver = true;
    wake();
  };
  for (const event of ['response', 'close']) asked.once(event, end);
  for (const event of ['drain', 'finish']) asked.on(event, () => wake());
  let left = body.length;
  for await (const chunk of body.chunks) {
    if (isOver) return;
    left -= chunk.length;
    const isTaken = left > 0 ? asked.write(chunk) : !asked.end(chunk);
    if (isTaken) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
