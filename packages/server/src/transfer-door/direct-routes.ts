/** Addresses of the farm's own store, where it has some: parts go straight there, and this door sees no byte of them. */
import { type BlobId, HEADER_DIRECT, MiB } from '@croft/contract';
import { type BlobStore, transferErrors } from '@croft/transfer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { uploadOwner } from './rights.ts';
import { partOf, sizedBlobOf, sizeOf, uploadNameOf } from './route-parameters.ts';

/** Shorter blobs cost less than the question where they are. */
const REDIRECT_MIN_BYTES = MiB;

export function registerDirectRoutes(
  app: FastifyInstance,
  { blobs }: TransferDoorParts,
  principalOf: (request: FastifyRequest) => TransferPrincipal,
): void {
  app.post('/uploads/:id/:part/address', async (request, reply) => {
    const owner = uploadOwner(principalOf(request));
    const name = uploadNameOf(request);
    if (blobs.direct === null || (name !== null && blobs.named === null))
      throw transferErrors.TRANSFER_NOT_FOUND('the store of this farm has no addresses: send the bytes here');
    const upload =
      name === null ? { owner, ...sizedBlobOf(request) } : { owner, name, size: sizeOf(request) };
    const address = await blobs.direct.partAddress(upload, partOf(request), sha256Of(request));
    reply.header('cache-control', 'no-store');
    return address;
  });
}

/** Says on an answer to a sender whether the farm's store takes parts itself. */
export function offerDirect(reply: FastifyReply, blobs: BlobStore): void {
  if (blobs.direct !== null) reply.header(HEADER_DIRECT, '1');
}

/** Where the store gives the bytes of a blob to a client that asked for that; null to send them from here. */
export async function directSource(
  request: FastifyRequest,
  blobs: BlobStore,
  blob: { id: BlobId; size: number },
): Promise<string | null> {
  if (request.headers[HEADER_DIRECT] === undefined || blobs.direct === null) return null;
  if (blob.size <= REDIRECT_MIN_BYTES) return null;
  return (await blobs.direct.blobAddress(blob.id))?.url ?? null;
}

function sha256Of(request: FastifyRequest): string {
  const { sha256 } = request.query as { sha256?: unknown };
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw transferErrors.TRANSFER_BAD_REQUEST('"sha256" must be the hex SHA-256 of the part');
  return sha256;
}
