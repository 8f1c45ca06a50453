/** What a request names, checked once: ids, sizes, parts, roots, paths. Each refusal says what is wrong. */
import {
  type BlobId,
  confinedPath,
  isBlobId,
  isUploadName,
  TREE_ROOTS,
  type TreeRoot,
  type UploadName,
} from '@croft/contract';
import { idFitsSize, transferErrors } from '@croft/transfer';
import type { FastifyRequest } from 'fastify';

function field(container: unknown, name: string): string | undefined {
  const value = (container as Record<string, unknown> | null)?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function blobIdOf(request: FastifyRequest): BlobId {
  const id = field(request.params, 'id');
  if (!isBlobId(id)) throw transferErrors.TRANSFER_BAD_REQUEST('the address names no blob id');
  return id;
}

/** The sender's own name of an upload; null where the address has an id. */
export function uploadNameOf(request: FastifyRequest): UploadName | null {
  const name = field(request.params, 'id');
  return isUploadName(name) ? name : null;
}

/** `size` of the query. */
export function sizeOf(request: FastifyRequest): number {
  const size = wholeNumber(field(request.query, 'size'), 'size');
  if (size === undefined) throw transferErrors.TRANSFER_BAD_REQUEST('the address needs "size"');
  return size;
}

/** Id and `size` of the address, which must belong together. */
export function sizedBlobOf(request: FastifyRequest): { id: BlobId; size: number } {
  const id = blobIdOf(request);
  const size = wholeNumber(field(request.query, 'size'), 'size');
  if (size === undefined || !idFitsSize(id, size)) {
    throw transferErrors.TRANSFER_BAD_REQUEST(`${id} cannot have ${String(size)} bytes`);
  }
  return { id, size };
}

export function partOf(request: FastifyRequest): number {
  return wholeNumber(field(request.params, 'part'), 'part') ?? -1;
}

/** `part` of the query, where one is asked for. */
export function wantedPart(request: FastifyRequest): number | undefined {
  return wholeNumber(field(request.query, 'part'), 'part');
}

export function rootOf(request: FastifyRequest): TreeRoot {
  const root = TREE_ROOTS.find((one) => one === field(request.params, 'root'));
  if (root === undefined)
    throw transferErrors.TRANSFER_NOT_FOUND('there is no such storage; there are config, input and output');
  return root;
}

/** `account` of the query: whose outputs, where they are not the caller's own. */
export function ownerOf(request: FastifyRequest): number | undefined {
  return wholeNumber(field(request.query, 'account'), 'account');
}

export function versionOf(request: FastifyRequest): number | undefined {
  return wholeNumber(field(request.query, 'version'), 'version');
}

/** The prefix of a list as a tree path; `/` for everything. Throws PATH_REFUSED. */
export function prefixOf(request: FastifyRequest): string {
  const raw = field(request.query, 'prefix') ?? '';
  if (raw === '' || raw === '/') return '/';
  return confinedPath(raw.endsWith('/') ? raw.slice(0, -1) : raw);
}

export function pathOf(request: FastifyRequest): string {
  return confinedPath(field(request.query, 'path') ?? '');
}

function wholeNumber(raw: string | undefined, name: string): number | undefined {
  if (raw === undefined) return undefined;
  if (!/^\d{1,16}$/.test(raw) || !Number.isSafeInteger(Number(raw))) {
    throw transferErrors.TRANSFER_BAD_REQUEST(`"${name}" must be a whole number`);
  }
  return Number(raw);
}
