/** Trees of an account: commit, list, read a file. And for nodes: the inputs of the attempt and their bytes. */
import {
  type BlobId,
  CroftError,
  confinedPath,
  MAX_COMMIT_LINES,
  MAX_DIFFERING_LINES,
  type TreeEntry,
  treeEntrySchema,
} from '@croft/contract';
import { idFitsSize, readNdjsonGroups, transferErrors, writeNdjson } from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendLines } from './ndjson-reply.ts';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { bodyOf, signedBody } from './request-body.ts';
import { grantOf, storageOf, treeAccount } from './rights.ts';
import { blobIdOf, ownerOf, pathOf, prefixOf, rootOf, versionOf, wantedPart } from './route-parameters.ts';
import { sendBlob } from './send-blob.ts';

/** Blobs that the store is asked for at once. */
const LOOKUPS_AT_ONCE = 5000;

type Principals = (request: FastifyRequest) => TransferPrincipal;

export function registerTreeRoutes(
  app: FastifyInstance,
  parts: TransferDoorParts,
  principalOf: Principals,
): void {
  const { blobs, calls, reads, clock } = parts;

  app.post('/trees/:root/commit', async (request) => {
    const principal = principalOf(request);
    const root = rootOf(request);
    const accountId = await treeAccount(calls, principal, root, 'write');
    const body = signedBody(principal, bodyOf(request, clock));
    const entries = await readEntries(body, MAX_COMMIT_LINES);
    for (let first = 0; first < entries.length; first += LOOKUPS_AT_ONCE) {
      const some = entries.slice(first, first + LOOKUPS_AT_ONCE);
      const there = await blobs.has(some.map(({ id }) => id));
      const lost = some.find(({ id }) => !there.has(id));
      if (lost !== undefined) throw blobMissing(lost.id);
    }
    return withTransferCodes(() => calls.commitTree({ accountId, root }, entries));
  });

  app.post('/trees/:root/differing', async (request) => {
    const principal = principalOf(request);
    const root = rootOf(request);
    const accountId = await treeAccount(calls, principal, root, 'write');
    const entries = await readEntries(signedBody(principal, bodyOf(request, clock)), MAX_DIFFERING_LINES);
    const { version, differing } = await reads.differingEntries({ accountId, root }, entries);
    // What the tree shows may have been found damaged since: then its bytes are wanted again.
    const differs = new Set(differing);
    const shown = entries.filter((_, index) => !differs.has(index)).map(({ id }) => id);
    const there = await blobs.has(shown);
    for (const [index, { id }] of entries.entries()) if (!there.has(id)) differs.add(index);
    return { version, differing: [...differs] };
  });

  app.get('/trees/:root', async (request, reply) => {
    const root = rootOf(request);
    const accountId = await treeAccount(calls, principalOf(request), root, 'read', ownerOf(request));
    return sendLines(
      reply,
      writeNdjson(reads.treeEntries({ accountId, root }, prefixOf(request), versionOf(request))),
    );
  });

  app.get('/trees/:root/file', async (request, reply) => {
    const root = rootOf(request);
    const accountId = await treeAccount(calls, principalOf(request), root, 'read', ownerOf(request));
    const path = pathOf(request);
    const entry = await reads.treeEntry({ accountId, root }, path, versionOf(request));
    if (entry === null) throw transferErrors.TRANSFER_NOT_FOUND(`the ${root} storage has no file ${path}`);
    return sendBlob(request, reply, blobs, entry, wantedPart(request));
  });

  app.get('/storage', async (request) => ({ root: storageOf(principalOf(request)) }));

  app.get('/attempts/inputs', async (request, reply) => {
    const grant = grantOf(principalOf(request));
    return sendLines(reply, writeNdjson(reads.attemptInputs(grant)));
  });

  app.get('/blobs/:id', async (request, reply) => {
    const grant = grantOf(principalOf(request));
    const id = blobIdOf(request);
    const size = await reads.inputBlobSize(grant, id);
    // The same answer for bytes that do not exist and bytes of others: a hash is no way to find out.
    if (size === null) throw transferErrors.TRANSFER_NOT_FOUND(`${id} is no input of this attempt`);
    return sendBlob(request, reply, blobs, { id, size }, undefined);
  });
}

async function readEntries(body: AsyncIterable<Uint8Array>, maxLines: number): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const lines of readNdjsonGroups(body, maxLines)) {
    for (const line of lines) {
      const parsed = treeEntrySchema.safeParse(line);
      if (!parsed.success || !idFitsSize(parsed.data.id, parsed.data.size))
        throw transferErrors.TRANSFER_BAD_REQUEST(`line ${entries.length + 1} is not a tree entry`);
      parsed.data.path = confinedPath(parsed.data.path);
      entries.push(parsed.data);
    }
  }
  return entries;
}

/** The wire's own code for what the farm calls FARM_BLOB_MISSING. */
async function withTransferCodes<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof CroftError && cause.code === 'FARM_BLOB_MISSING') {
      throw transferErrors.TRANSFER_BLOB_MISSING(cause.message, { cause });
    }
    throw cause;
  }
}

function blobMissing(id: BlobId) {
  return transferErrors.TRANSFER_BLOB_MISSING(`the bytes of ${id} are not here`);
}
