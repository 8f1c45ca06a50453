/**
 * For tests and benchmarks of memory: a farm that keeps nothing, and has made-up files to give. It costs as
 * little as it can, so that what is measured is the other side.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADER_NAMED, PACK_TYPE } from '@croft/contract';
import { blobIdOfBytes, encodePack } from '@croft/transfer';

export interface DiscardingDoor {
  url: string;
  /** Bytes of content that came: packs, whole blobs and parts. */
  receivedBytes(): number;
  /** Lines of each commit, in order. */
  commits(): readonly number[];
  close(): Promise<void>;
}

/** Content of the made-up file with this number. */
export function madeUpBytes(number: number): Uint8Array {
  return createHash('sha256').update(String(number)).digest();
}

/** `files`: how many made-up files its trees have, 32 bytes each. `wants`: whether it asks for all bytes, or has all. */
export async function openDiscardingDoor({ files = 0, wants = true } = {}): Promise<DiscardingDoor> {
  let received = 0;
  const commits: number[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url!.replace('/transfer/v1', '').replace(/\?.*/, '');
    if (path === '/missing') {
      const lines = await linesOf(request);
      return wants ? listAll(lines, response) : response.end();
    }
    if (path === '/sizes') {
      const lines = await linesOf(request);
      if (!wants) return listAll(lines, response);
      return response.setHeader(HEADER_NAMED, '1').end();
    }
    if (path.endsWith('/commit')) {
      commits.push(await linesOf(request));
      return response.end('{"version":1}');
    }
    if (path.endsWith('/differing')) {
      const differing = Array.from({ length: await linesOf(request) }, (_, line) => line);
      return response.end(JSON.stringify({ version: 1, differing }));
    }
    if (path.endsWith('/pack')) return sendPack(request, response);
    if (request.method === 'GET' && path.startsWith('/trees/')) return listTree(files, response);
    if (request.method === 'GET') return response.end('{"parts":[]}');
    for await (const chunk of request) received += (chunk as Uint8Array).length;
    return response.end('{"stored":0}');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    receivedBytes: () => received,
    commits: () => commits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function linesOf(request: IncomingMessage): Promise<number> {
  let lines = 0;
  for await (const chunk of request) for (const byte of chunk as Uint8Array) if (byte === 10) lines++;
  return lines;
}

function listAll(lines: number, response: ServerResponse): void {
  for (let line = 0; line < lines; line++) response.write(`${line}\n`);
  response.end();
}

async function listTree(files: number, response: ServerResponse): Promise<void> {
  for (let first = 0; first < files; first += 1000) {
    let text = '';
    for (let number = first; number < Math.min(files, first + 1000); number++) {
      const entry = { path: `/${number % 1000}/${number}`, id: blobIdOfBytes(madeUpBytes(number)) };
      text += `${JSON.stringify({ ...entry, size: 32, mtimeMs: 0 })}\n`;
    }
    if (!response.write(text)) await new Promise((drained) => response.once('drain', drained));
  }
  response.end();
}

async function sendPack(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const paths = Buffer.concat(chunks).toString().trim().split('\n');
  const blobs = paths.map((line) => {
    const bytes = madeUpBytes(Number((JSON.parse(line) as string).split('/').at(-1)));
    return { id: blobIdOfBytes(bytes), bytes };
  });
  response.setHeader('content-type', PACK_TYPE);
  response.end(Buffer.concat(encodePack(blobs)));
}
