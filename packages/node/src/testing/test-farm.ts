/**
 * The farm's end of the link for the node's tests: a real HTTP and WebSocket server that enrols, checks the proof, and
 * remembers all it hears. It decides nothing; tests say what to send. Bytes move through `transfer`, from and to memory.
 */
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import {
  type AttemptOrder,
  type BlobId,
  type FromNode,
  fromNodeSchema,
  linkProofText,
  type NodeReport,
  type ToNode,
  type TreeEntry,
} from '@croft/contract';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import type { NodeTransfer } from '../ports.ts';

export const CODE = 'test-code';
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export class TestFarm {
  readonly heard: FromNode[] = [];
  readonly heardAt: number[] = [];
  readonly blobs = new Map<string, Buffer>();
  readonly inputs: TreeEntry[] = [];
  /** When false, reports are heard and not accepted. */
  accepts = true;
  enrolments = 0;
  #keys = new Map<string, string>();
  #server: Server | null = null;
  #sockets: WebSocketServer | null = null;
  #link: ServerSocket | null = null;
  #port = 0;
  #watchers = new Set<() => void>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { code, publicKey } = JSON.parse(Buffer.concat(chunks).toString() || '{}');
        if (request.url !== '/node/v1/enrol' || code !== CODE) {
          response.writeHead(403).end('{}');
          return;
        }
        this.enrolments += 1;
        const nodeId = `node-${this.enrolments}`;
        this.#keys.set(nodeId, publicKey);
        response.end(JSON.stringify({ nodeId, farm: 'test' }));
      });
    });
    const sockets = new WebSocketServer({ server, path: '/node/v1/link' });
    sockets.on('connection', (socket) => this.#connected(socket));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** Goes away; `open` brings it back on the same port. */
  async close(): Promise<void> {
    for (const socket of this.#sockets?.clients ?? []) socket.terminate();
    this.#sockets?.close();
    this.#link = null;
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  send(message: ToNode): void {
    this.#link?.send(JSON.stringify(message));
  }

  order(order: Partial<AttemptOrder>): AttemptOrder {
    return {
      attemptId: 1,
      taskId: 1,
      app: 'fake',
      appVersion: '1.0',
      scenePath: '/scene.txt',
      inputsKey: 'inputs-1',
      settings: {},
      stage: 'main',
      frameType: 2,
      frames: framesFrom(1, 1),
      token: 'secret-token',
      frameTimeoutMs: 0,
      ...order,
    };
  }

  addInput(path: string, bytes: string | Buffer): void {
    const buffer = Buffer.from(bytes);
    const id = this.#keep(buffer);
    this.inputs.push({ path, id, size: buffer.length, mtimeMs: 1_700_000_000_000 });
  }

  /** Resolves with what `find` finds in the messages, as soon as it finds it. */
  async until<Found>(
    find: (heard: readonly FromNode[]) => Found | undefined,
    limitMs = 30_000,
  ): Promise<Found> {
    const before = find(this.heard);
    if (before !== undefined) return before;
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const seen = this.heard.map((one) => JSON.stringify(one).slice(0, 300)).join('\n');
        reject(new Error(`the node did not say it in ${limitMs} ms; it said:\n${seen}`));
      }, limitMs);
      const look = () => {
        const found = find(this.heard);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
    });
  }

  reports(): NodeReport[] {
    return this.heard.flatMap((one) => (one.type === 'report' ? one.report : []));
  }

  /** The first report of a kind (about an attempt). */
  untilReport<Kind extends NodeReport['kind']>(kind: Kind, attemptId = 1, limitMs = 30_000) {
    return this.until(
      () =>
        this.reports().find(
          (one): one is Extract<NodeReport, { kind: Kind }> =>
            one.kind === kind && one.attemptId === attemptId,
        ),
      limitMs,
    );
  }

  /** Copies inputs from memory, keeps outputs in memory. */
  readonly transfer: NodeTransfer = {
    forAttempt: () => ({
      fetchInputs: async (_cache, workFolder) => {
        for (const { path, id } of this.inputs) {
          await mkdir(dirname(join(workFolder, path)), { recursive: true });
          await writeFile(join(workFolder, path), this.blobs.get(id) ?? '');
        }
      },
      sendOutputs: async (files) =>
        await Promise.all(
          files.map(async ({ file }) => {
            const bytes = await readFile(file);
            return { id: this.#keep(bytes), size: bytes.length, mtimeMs: (await stat(file)).mtimeMs };
          }),
        ),
      close: async () => {},
    }),
  };

  #keep(bytes: Buffer): BlobId {
    const id = `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
    this.blobs.set(id, bytes);
    return id;
  }

  #connected(socket: ServerSocket): void {
    const nonce = randomBytes(16).toString('hex');
    socket.send(JSON.stringify({ type: 'challenge', nonce } satisfies ToNode));
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const message = fromNodeSchema.parse(JSON.parse(String(data)));
      if (message.type === 'prove') {
        const raw = Buffer.from(this.#keys.get(message.nodeId) ?? '', 'base64');
        const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
        const isProven = verify(
          null,
          Buffer.from(linkProofText(nonce)),
          key,
          Buffer.from(message.signature, 'base64'),
        );
        if (!isProven) return socket.close();
        this.#link = socket;
        this.send({ type: 'welcome', nodeId: message.nodeId, farm: 'test', pulseMs: 500 });
        return;
      }
      this.heard.push(message);
      this.heardAt.push(performance.now());
      if (message.type === 'report' && this.accepts) this.send({ type: 'accepted', seq: message.seq });
      for (const look of [...this.#watchers]) look();
    });
  }
}

export function framesFrom(first: number, last: number): AttemptOrder['frames'] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    return { frameId: 1000 + number, first: number, last: number, step: 1, tile: 0, tiles: 1 };
  });
}
