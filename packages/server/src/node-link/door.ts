/** The node link, `/node/v1`: enrolment over HTTP, then the WebSocket. The messages are told in `wire-node.ts`. */
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { enrolRequestSchema, KiB, MiB } from '@croft/contract';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { serverErrors } from '../errors.ts';
import { createFailureLimit } from '../http/failure-limit.ts';
import type { DoorParts } from '../ports.ts';
import { serveNodeLine } from './node-line.ts';

/** A report may name 10,000 results. */
const LARGEST_MESSAGE_BYTES = 16 * MiB;
const MOST_LINKS = 5000;
const LINK_PATH = '/node/v1/link';

export interface NodeDoor {
  /** Takes an upgrade request; true when it was for this door. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Tells all nodes that the farm goes away. */
  close(): void;
}

export function registerNodeDoor(app: FastifyInstance, parts: DoorParts): NodeDoor {
  const farmName = hostname();
  const limit = createFailureLimit(parts.clock);
  app.post('/node/v1/enrol', { bodyLimit: 16 * KiB }, async (request, reply) => {
    const wish = enrolRequestSchema.safeParse(request.body);
    if (!wish.success) throw serverErrors.NATIVE_INPUT_INVALID('an enrolment needs code, name and publicKey');
    const { code, name, publicKey } = wish.data;
    if (Buffer.from(publicKey, 'base64').length !== 32) {
      throw serverErrors.NATIVE_INPUT_INVALID('publicKey is not a raw Ed25519 key in base64');
    }
    const { nodeId } = await limit.guard(request.ip, () => parts.calls.enrolNode(code, name, publicKey));
    return reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify({ nodeId, farm: farmName }));
  });

  // Compression would cost 300 KB a link and node messages are small.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
  });
  sockets.on('connection', (socket: WebSocket) => serveNodeLine(socket, { ...parts, farmName }));

  return {
    upgrade(request, socket, head) {
      if ((request.url ?? '').split('?')[0] !== LINK_PATH) return false;
      // Browsers always send Origin, nodes never: no page may speak to this door.
      if (request.headers.origin !== undefined || sockets.clients.size >= MOST_LINKS) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return true;
      }
      sockets.handleUpgrade(request, socket, head, (link) => sockets.emit('connection', link, request));
      return true;
    },
    close() {
      for (const link of sockets.clients) link.close(1001, 'the farm is stopping');
      sockets.close();
    },
  };
}
