/** Long blobs on their way in, part by part: by their ids, or by names that their senders gave them. */
import { type BlobId, HEADER_PART_SHA256, isBlobId, type UploadName } from '@croft/contract';
import { idFitsSize, isWholeId, transferErrors } from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contentOf } from './delta.ts';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { checkSignedHash } from './request-body.ts';
import { accountOf, uploadOwner } from './rights.ts';
import { partOf, sizedBlobOf, sizeOf, uploadNameOf } from './route-parameters.ts';

/** One upload, whichever way it is called. */
interface Upload {
  partsArrived(): Promise<number[]>;
  putPart(part: number, sha256Hex: string, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** The blob that it becomes. */
  blob(): { id: BlobId; size: number };
  complete(): Promise<void>;
  /** Drops what is left of it once its blob is there. */
  end(): Promise<void>;
  forget(): Promise<void>;
}

export function registerUploadRoutes(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: (request: FastifyRequest) => TransferPrincipal,
): void {
  const { blobs, calls } = parts;
  const uploadOf = (request: FastifyRequest): Upload => {
    const owner = uploadOwner(principalOf(request));
    const name = uploadNameOf(request);
    return name === null ? byId(parts, owner, request) : byName(parts, { owner, name }, request);
  };

  app.get('/uploads/:id', async (request) => ({ parts: await uploadOf(request).partsArrived() }));

  app.delete('/uploads/:id', async (request) => {
    await uploadOf(request).forget();
    return {};
  });

  app.put('/uploads/:id/:part', async (request) => {
    const principal = principalOf(request);
    const upload = uploadOf(request);
    const sha256Hex = request.headers[HEADER_PART_SHA256];
    if (typeof sha256Hex !== 'string' || !/^[0-9a-f]{64}$/.test(sha256Hex)) {
      throw transferErrors.TRANSFER_BAD_REQUEST(
        `the header ${HEADER_PART_SHA256} must be the hex SHA-256 of the part`,
      );
    }
    checkSignedHash(principal, sha256Hex, false);
    await upload.putPart(partOf(request), sha256Hex, await contentOf(request, parts, principal));
    return {};
  });

  app.post('/uploads/:id/complete', async (request) => {
    const account = accountOf(principalOf(request));
    const upload = uploadOf(request);
    const blob = upload.blob();
    // The answer of an earlier call may have been lost: then the upload is forgotten already.
    const unknown = await calls.missingBlobs(account, [blob.id]);
    if (unknown.has(blob.id) || !(await blobs.has([blob.id])).has(blob.id)) {
      await upload.complete();
      await calls.blobsArrived(account, [blob]);
    }
    await upload.end();
    return {};
  });
}

function byId({ blobs }: TransferDoorParts, owner: string, request: FastifyRequest): Upload {
  const blob = sizedBlobOf(request);
  const upload = { owner, ...blob };
  // A short blob is an upload of one part where the store takes it itself; its completion comes here.
  const long = () => {
    if (isWholeId(blob.id))
      throw transferErrors.TRANSFER_BAD_REQUEST('blobs of at most 16 MiB are sent whole, to /blobs');
    return upload;
  };
  const completed = () => (blobs.direct === null ? long() : upload);
  return {
    partsArrived: async () => blobs.partsArrived(long()),
    putPart: async (part, sha256Hex, body) => blobs.putPart(long(), part, sha256Hex, body),
    blob: completed,
    complete: () => blobs.complete(completed()),
    end: () => blobs.forget(completed()),
    forget: () => blobs.forget(completed()),
  };
}

function byName(
  { blobs }: TransferDoorParts,
  who: { owner: string; name: UploadName },
  request: FastifyRequest,
): Upload {
  const { named } = blobs;
  if (named === null)
    throw transferErrors.TRANSFER_NOT_FOUND('the store of this farm takes no uploads by name');
  const size = sizeOf(request);
  const upload = { ...who, size };
  return {
    partsArrived: () => named.partsArrived(upload),
    putPart: (part, sha256Hex, body) => named.putPart(upload, part, sha256Hex, body),
    blob: () => ({ id: completedAs(request, size), size }),
    complete: () => named.complete(upload, completedAs(request, size)),
    async end() {
      await named.forget(upload);
      await blobs.forget({ owner: who.owner, id: completedAs(request, size), size });
    },
    forget: () => named.forget(upload),
  };
}

function completedAs(request: FastifyRequest, size: number): BlobId {
  const { id } = request.query as { id?: unknown };
  if (!isBlobId(id) || !idFitsSize(id, size))
    throw transferErrors.TRANSFER_BAD_REQUEST('"id" must say which blob the upload became');
  return id;
}
