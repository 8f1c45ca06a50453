/**
 * Bodies told by a base that the account has here already (`delta-body.ts`), and the chunk lists that senders need to
 * tell them. A base is bytes that the account refers to; what comes out of a delta is hashed like any other body, so the
 * signature still promises what is stored.
 */

import { Readable } from 'node:stream';
import { HEADER_BLOB_ID, HEADER_BLOB_SIZE, isBlobId } from '@croft/contract';
import {
  CHUNKS_TYPE,
  chunksOf,
  DELTA_TYPE,
  decodeDelta,
  encodeChunks,
  Gate,
  GivenBody,
  transferErrors,
} from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { bodyOf, isCompressed } from './request-body.ts';
import { accountOf, treeAccount } from './rights.ts';
import { ownerOf, pathOf, rootOf } from './route-parameters.ts';

/** Cutting a base reads all of it: one at a time leaves the processor to everybody else. */
const LISTS_AT_ONCE = 1;

export function registerChunkRoute(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: (request: FastifyRequest) => TransferPrincipal,
): void {
  const lists = new Gate(LISTS_AT_ONCE);
  app.get('/trees/:root/chunks', async (request, reply) => {
    const root = rootOf(request);
    const accountId = await treeAccount(parts.calls, principalOf(request), root, 'read', ownerOf(request));
    const path = pathOf(request);
    const entry = await parts.reads.treeEntry({ accountId, root }, path);
    if (entry === null) throw transferErrors.TRANSFER_NOT_FOUND(`the ${root} storage has no file ${path}`);
    const list = await lists.run(async () => {
      const pieces: Uint8Array[] = [];
      const { body } = await parts.blobs.read(entry.id);
      for await (const piece of encodeChunks(chunksOf(body))) pieces.push(piece);
      return pieces;
    });
    reply.header(HEADER_BLOB_ID, entry.id).header(HEADER_BLOB_SIZE, entry.size).type(CHUNKS_TYPE);
    return reply.send(Readable.from(list, { objectMode: false }));
  });
}

/** The bytes that a body stands for: itself, or what it makes of the base that `base` of the address names. */
export async function contentOf(
  request: FastifyRequest,
  parts: TransferDoorParts,
  principal: TransferPrincipal,
): Promise<AsyncIterable<Uint8Array>> {
  const body = bodyOf(request, parts.clock);
  // Memory that bytes were unfolded into is used again: it is not ours to give.
  if (request.headers['content-type'] !== DELTA_TYPE)
    return isCompressed(request) ? body : new GivenBody(body);
  const { base: id } = request.query as { base?: unknown };
  if (!isBlobId(id))
    throw transferErrors.TRANSFER_BAD_REQUEST('a delta body needs "base": the id of its base');
  // A copy reads: only who may read what the account sent may tell bytes by it.
  if (principal.kind !== 'account' || (principal.storage !== undefined && principal.storage !== 'input'))
    throw transferErrors.TRANSFER_NOT_ALLOWED('a delta is made by an account, of its inputs');
  // The same answer for bytes that are not here and bytes of others: a hash is no way to find out.
  const unknown = await parts.calls.missingBlobs(accountOf(principal), [id]);
  const facts = unknown.has(id) ? null : await parts.blobs.stat(id);
  if (facts === null) throw transferErrors.TRANSFER_BLOB_MISSING(`the base ${id} is not here`);
  return decodeDelta(body, { store: parts.blobs, id, size: facts.size });
}
