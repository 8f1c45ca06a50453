/**
 * Bodies told by a base that the account has here already (`delta-body.ts`), and the chunk lists that senders need to
 * tell them. A base is bytes that the account refers to; what comes out of a delta is hashed like any other body, so the
 * signature still promises what is stored.
 */

import { PassThrough } from 'node:stream';
import { type Clock, HEADER_BLOB_ID, HEADER_BLOB_SIZE, isBlobId, SECOND } from '@croft/contract';
import {
  CHUNKS_TYPE,
  DELTA_MAX_BYTES,
  DELTA_TYPE,
  Gate,
  GivenBody,
  HashPool,
  listChunks,
  NO_CHUNK,
  ToldBytes,
  transferErrors,
  type UnverifiedBlob,
} from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { bodyOf, isCompressed } from './request-body.ts';
import { accountOf, treeAccount } from './rights.ts';
import { ownerOf, pathOf, rootOf } from './route-parameters.ts';

/** Cutting a base reads all of it: one at a time, in one thread, leaves the processor to everybody else. */
const LISTS_AT_ONCE = 1;
/** A third of what a client waits for a byte. */
const STILL_THERE_MS = 5 * SECOND;

export function registerChunkRoute(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: (request: FastifyRequest) => TransferPrincipal,
): void {
  const lists = new Gate(LISTS_AT_ONCE);
  const pool = new HashPool({ threads: LISTS_AT_ONCE });
  app.addHook('onClose', () => pool.close());
  app.get('/trees/:root/chunks', async (request, reply) => {
    const root = rootOf(request);
    const accountId = await treeAccount(parts.calls, principalOf(request), root, 'read', ownerOf(request));
    const path = pathOf(request);
    const entry = await parts.reads.treeEntry({ accountId, root }, path);
    if (entry === null) throw transferErrors.TRANSFER_NOT_FOUND(`the ${root} storage has no file ${path}`);
    if (entry.size > DELTA_MAX_BYTES)
      throw transferErrors.TRANSFER_TOO_LARGE(`${path} is too long to be told by its chunks`);
    const base = await parts.blobs.unverified(entry.id);
    if (base === null) throw transferErrors.TRANSFER_BLOB_MISSING(`the bytes of ${path} are not here`);
    reply.header(HEADER_BLOB_ID, entry.id).header(HEADER_BLOB_SIZE, entry.size).type(CHUNKS_TYPE);
    return reply.send(chunkList(base, lists, pool, parts.clock));
  });
}

/** The list as it is made. It waits for nobody who reads slowly: the longest has 4 MB, and others want theirs. */
function chunkList(base: UnverifiedBlob, lists: Gate, pool: HashPool, clock: Clock): PassThrough {
  const list = new PassThrough();
  let stopTelling = (): void => undefined;
  const stillThere = () => {
    stopTelling = clock.after(STILL_THERE_MS, () => {
      list.write(NO_CHUNK);
      stillThere();
    });
  };
  stillThere();
  const make = async () => {
    if (list.destroyed) return;
    for await (const records of listChunks(base, pool)) {
      if (list.destroyed) return;
      list.write(records);
    }
    list.end();
  };
  void lists
    .run(make)
    .catch((thrown) => void list.destroy(thrown as Error))
    .finally(() => stopTelling());
  return list;
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
  const base = unknown.has(id) ? null : await parts.blobs.unverified(id);
  if (base === null) throw transferErrors.TRANSFER_BLOB_MISSING(`the base ${id} is not here`);
  return new ToldBytes(body, base);
}
