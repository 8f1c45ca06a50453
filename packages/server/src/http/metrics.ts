/** `/metrics` for Prometheus. Counting costs one map entry; prom-client is loaded when the first scrape comes. */

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { DoorParts } from '../ports.ts';
import { isRenderbusPath } from '../renderbus/door.ts';
import { pathOf } from './request-facts.ts';

export function registerMetrics(app: FastifyInstance, parts: Pick<DoorParts, 'outlet' | 'reads'>): void {
  /** "door status" → answers. */
  const answers = new Map<string, number>();
  /** "door direction" → bytes on the wire, headers and TLS included. */
  const bytes = new Map<string, number>();
  const countBytes = byteCounter(bytes);
  app.addHook('onResponse', async (request, reply) => {
    const door = doorOf(pathOf(request));
    countBytes(door, request.raw.socket);
    const mark = `${door} ${reply.statusCode}`;
    answers.set(mark, (answers.get(mark) ?? 0) + 1);
  });
  let registry: Promise<Registry> | null = null;
  app.get('/metrics', async (_request, reply) => {
    registry ??= createRegistry(answers, bytes, parts);
    const ready = await registry;
    return reply.header('content-type', ready.contentType).send(await ready.metrics());
  });
}

/** Counts what a connection carried since its last answer, for the door of that answer. */
function byteCounter(bytes: Map<string, number>): (door: string, socket: Socket) => void {
  const counted = new WeakMap<Socket, { read: number; written: number }>();
  const add = (mark: string, count: number) => bytes.set(mark, (bytes.get(mark) ?? 0) + count);
  return (door, socket) => {
    const before = counted.get(socket) ?? { read: 0, written: 0 };
    const now = { read: socket.bytesRead, written: socket.bytesWritten };
    counted.set(socket, now);
    add(`${door} received`, now.read - before.read);
    add(`${door} sent`, now.written - before.written);
  };
}

function doorOf(path: string): string {
  if (isRenderbusPath(path)) return 'renderbus';
  if (path.startsWith('/api/v1')) return 'native';
  if (path.startsWith('/transfer/')) return 'transfer';
  if (path.startsWith('/node/')) return 'node';
  if (path.startsWith('/files/')) return 'files';
  return 'web';
}

async function createRegistry(
  answers: ReadonlyMap<string, number>,
  bytes: ReadonlyMap<string, number>,
  { outlet, reads }: Pick<DoorParts, 'outlet' | 'reads'>,
): Promise<Registry> {
  const { collectDefaultMetrics, Counter, Gauge, Registry: PromRegistry } = await import('prom-client');
  const registers = [new PromRegistry()];
  collectDefaultMetrics({ register: registers[0]! });
  new Counter({
    name: 'croft_http_answers_total',
    help: 'Answers by door and HTTP status',
    labelNames: ['door', 'status'],
    registers,
    collect() {
      this.reset();
      for (const [mark, count] of answers) {
        const [door, status] = mark.split(' ');
        this.inc({ door: door!, status: status! }, count);
      }
    },
  });
  new Counter({
    name: 'croft_http_bytes_total',
    help: 'Bytes received and sent by door',
    labelNames: ['door', 'direction'],
    registers,
    collect() {
      this.reset();
      for (const [mark, count] of bytes) {
        const [door, direction] = mark.split(' ');
        this.inc({ door: door!, direction: direction! }, count);
      }
    },
  });
  new Gauge({
    name: 'croft_event_listeners',
    help: 'Open live event streams',
    registers,
    collect() {
      this.set(outlet.listeners);
    },
  });
  new Gauge({
    name: 'croft_nodes',
    help: 'Nodes by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      for (const node of await reads.nodes()) this.inc({ state: node.state });
    },
  });
  return registers[0]!;
}
