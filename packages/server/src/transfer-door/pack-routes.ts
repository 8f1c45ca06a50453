/** Bytes on their way out, many short files an answer: what is asked for one by one costs a request and its signature each. */
import { Readable } from 'node:stream';
import {
  type BlobId,
  confinedPath,
  isBlobId,
  PACK_MAX_BLOB_BYTES,
  PACK_MAX_BLOBS,
  PACK_MAX_BYTES,
  PACK_TYPE,
} from '@croft/contract';
import { encodePack, Gate, PACK_OVERHEAD_BYTES, readNdjson, transferErrors } from '@croft/transfer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shortenedPack } from './compressed-reply.ts';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { bodyOf, signedBody } from './request-body.ts';
import { grantOf, treeAccount } from './rights.ts';
import { ownerOf, rootOf, versionOf } from './route-parameters.ts';

/** An answer is held in memory until it is known to be whole; more askers wait. */
const PACKS_AT_ONCE = 3;

export function registerPackRoutes(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: (request: FastifyRequest) => TransferPrincipal,
): void {
  const { blobs, calls, reads, clock } = parts;
  const gate = new Gate(PACKS_AT_ONCE);

  const sendPack = async (
    request: FastifyRequest,
    reply: FastifyReply,
    sizes: ReadonlyMap<BlobId, number>,
  ) => {
    const ids = fitting(sizes);
    const pieces = await gate.run(async () =>
      shortenedPack(request, reply, encodePack(await blobs.readSmall(ids))),
    );
    reply.header('cache-control', 'no-store').type(PACK_TYPE);
    return reply.send(Readable.from(joined(pieces), { objectMode: false }));
  };

  app.post('/trees/:root/pack', async (request, reply) => {
    const principal = principalOf(request);
    const root = rootOf(request);
    const accountId = await treeAccount(calls, principal, root, 'read', ownerOf(request));
    const paths: string[] = [];
    for await (const line of lines(principal, request)) paths.push(confinedPath(String(line)));
    const entries = await reads.treeEntriesAt({ accountId, root }, paths, versionOf(request));
    return sendPack(request, reply, new Map(entries.map(({ id, size }) => [id, size])));
  });

  app.post('/attempts/inputs/pack', async (request, reply) => {
    const principal = principalOf(request);
    const grant = grantOf(principal);
    const ids: BlobId[] = [];
    for await (const line of lines(principal, request)) {
      if (!isBlobId(line)) throw transferErrors.TRANSFER_BAD_REQUEST(`line ${ids.length + 1} is no blob id`);
      ids.push(line);
    }
    return sendPack(request, reply, await reads.inputBlobSizes(grant, ids));
  });

  const lines = (principal: TransferPrincipal, request: FastifyRequest) =>
    readNdjson(signedBody(principal, bodyOf(request, clock)), PACK_MAX_BLOBS);
}

/** As many as a pack takes; who asked for more asks again for the rest. */
function fitting(sizes: ReadonlyMap<BlobId, number>): BlobId[] {
  const ids: BlobId[] = [];
  let total = 0;
  for (const [id, size] of sizes) {
    if (size > PACK_MAX_BLOB_BYTES || total + size + PACK_OVERHEAD_BYTES > PACK_MAX_BYTES) continue;
    total += size + PACK_OVERHEAD_BYTES;
    ids.push(id);
  }
  return ids;
}

const CHUNK_BYTES = 256 * 1024;

/** A pack of a thousand blobs is three thousand pieces: few long chunks cost the socket less. */
function* joined(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let some: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    some.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(some, bytes);
    some = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(some, bytes);
}
