/** Bytes on their way in: the questions, packs and whole blobs. Parts: upload-routes.ts. */
import { type BlobId, HEADER_NAMED, isBlobId, PACK_TYPE } from '@croft/contract';
import {
  decodePack,
  Gate,
  hexOf,
  idFitsSize,
  isWholeId,
  type PackedBlob,
  readNdjson,
  transferErrors,
  writeNdjson,
} from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contentOf } from './delta.ts';
import { offerDirect } from './direct-routes.ts';
import { sendLines } from './ndjson-reply.ts';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { bodyOf, checkSignedHash, signedBody } from './request-body.ts';
import { accountOf } from './rights.ts';
import { sizedBlobOf } from './route-parameters.ts';

/** Lines of one question. */
const MAX_QUESTION_LINES = 100_000;
/** Packs are held in memory while they are checked, 32 MiB each at most; more senders wait. */
const PACKS_AT_ONCE = 3;

type Principals = (request: FastifyRequest) => TransferPrincipal;

export function registerBlobRoutes(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: Principals,
): void {
  const { blobs, calls, clock } = parts;
  const packs = new Gate(PACKS_AT_ONCE);
  const arrived = (principal: TransferPrincipal, what: { id: BlobId; size: number }[]) =>
    calls.blobsArrived(accountOf(principal), what);

  app.post('/missing', async (request, reply) => {
    const principal = principalOf(request);
    const offered = await readQuestion(signedBody(principal, bodyOf(request, clock)));
    const unknown = await calls.missingBlobs(accountOf(principal), offered);
    // What the account refers to may have been found damaged since: then its bytes are wanted again.
    const there = await blobs.has(offered.filter((id) => !unknown.has(id)));
    offerDirect(reply, blobs);
    return sendLines(reply, writeNdjson(linesOf(offered, (id) => unknown.has(id) || !there.has(id))));
  });

  app.post('/sizes', async (request, reply) => {
    const principal = principalOf(request);
    const sizes: number[] = [];
    for await (const line of readNdjson(signedBody(principal, bodyOf(request, clock)), MAX_QUESTION_LINES)) {
      if (!Number.isSafeInteger(line) || (line as number) < 0)
        throw transferErrors.TRANSFER_BAD_REQUEST(`line ${sizes.length + 1} is no size`);
      sizes.push(line as number);
    }
    const referred = await calls.sizesReferred(accountOf(principal), sizes);
    offerDirect(reply, blobs);
    if (blobs.named !== null) reply.header(HEADER_NAMED, '1');
    return sendLines(reply, writeNdjson(linesOf(sizes, (size) => referred.has(size))));
  });

  app.post('/packs', async (request) => {
    const principal = principalOf(request);
    if (request.headers['content-type'] !== PACK_TYPE)
      throw transferErrors.TRANSFER_BAD_REQUEST(`a pack is ${PACK_TYPE}`);
    return packs.run(async () => {
      const received: PackedBlob[] = [];
      for await (const blob of decodePack(signedBody(principal, bodyOf(request, clock)))) received.push(blob);
      await blobs.putPack(received);
      await arrived(
        principal,
        received.map(({ id, bytes }) => ({ id, size: bytes.length })),
      );
      return { stored: received.length };
    });
  });

  app.put('/blobs/:id', async (request) => {
    const principal = principalOf(request);
    const { id, size } = sizedBlobOf(request);
    if (!isWholeId(id))
      throw transferErrors.TRANSFER_TOO_LARGE('blobs of over 16 MiB are sent by part, below /uploads');
    checkSignedHash(principal, hexOf(id), true);
    await blobs.put(id, size, await contentOf(request, parts, principal));
    await arrived(principal, [{ id, size }]);
    return {};
  });
}

async function readQuestion(body: AsyncIterable<Uint8Array>): Promise<BlobId[]> {
  const ids: BlobId[] = [];
  for await (const line of readNdjson(body, MAX_QUESTION_LINES)) {
    const [id, size] = Array.isArray(line) ? (line as unknown[]) : [];
    if (!isBlobId(id) || typeof size !== 'number' || !idFitsSize(id, size)) {
      throw transferErrors.TRANSFER_BAD_REQUEST(`line ${ids.length + 1} is not [blob id, size]`);
    }
    ids.push(id);
  }
  return ids;
}

function* linesOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): Generator<number> {
  for (const [line, item] of items.entries()) if (isMeant(item)) yield line;
}
