/** A farm's HTTP side for tests: a real listener that checks signatures and answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  parseRawJson,
  type RawObject,
  sha256Hex,
  verifyNative,
  verifyRenderbusSignature,
} from '@croft/contract/signing';
import type { FarmConnection } from '../connection.ts';

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly isSigned: boolean;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

export interface FarmDouble extends AsyncDisposable {
  readonly connection: FarmConnection;
  readonly seen: SeenRequest[];
  /** Answers of the next requests, in order; the last one stays. */
  answer(...answers: Answer[]): void;
}

export const KEY = { accessId: 'AKtest', accessKey: 'secret-of-the-test' };

export async function farmDouble(): Promise<FarmDouble> {
  const seen: SeenRequest[] = [];
  let answers: Answer[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const facts = {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: request.headers,
        body,
      };
      const one = { ...facts, isSigned: isSigned(facts) };
      seen.push(one);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      answer?.(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connection: { url: `http://127.0.0.1:${port}`, ...KEY },
    seen,
    answer(...next) {
      answers = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isSigned({ method, target, headers, body }: Omit<SeenRequest, 'isSigned'>): boolean {
  const hosts = [headers.host ?? ''];
  const secret = KEY.accessKey;
  if (headers['croft-signature'] !== undefined) {
    return (
      headers['croft-content-sha256'] === sha256Hex(body) &&
      verifyNative({ method, hosts, target, headers, secret })
    );
  }
  const raw = parseRawJson(new TextEncoder().encode(body)) as RawObject;
  return verifyRenderbusSignature({ hosts, path: target, headers, body: raw, secret });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

export const json =
  (value: unknown, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

export const envelope = (data: unknown): Answer =>
  json({ code: 200, message: 'success', result: true, data });

export const apiFailure = (code: number, message: string): Answer =>
  json({ code, message, result: false, data: null });

export const hangUp: Answer = (_request, response) => void response.socket?.destroy();
