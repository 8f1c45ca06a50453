/** Answers with the bytes of a blob, whole or a range; nothing is sent before its first part was verified. Or says where the store has it. */
import { Readable } from 'node:stream';
import { type BlobId, HEADER_BLOB_ID, HEADER_BLOB_SIZE } from '@croft/contract';
import { type BlobStore, type ByteRange, partSpan, transferErrors } from '@croft/transfer';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { shortenedStream } from './compressed-reply.ts';
import { directSource } from './direct-routes.ts';

export async function sendBlob(
  request: FastifyRequest,
  reply: FastifyReply,
  blobs: BlobStore,
  blob: { id: BlobId; size: number },
  part: number | undefined,
): Promise<FastifyReply> {
  const elsewhere = part === undefined ? await directSource(request, blobs, blob) : null;
  if (elsewhere !== null) {
    reply.header(HEADER_BLOB_ID, blob.id);
    reply.header(HEADER_BLOB_SIZE, blob.size);
    reply.header('cache-control', 'no-store');
    return reply.redirect(elsewhere, 307);
  }
  const asked = part === undefined ? rangeOf(request.headers.range, blob.size) : partRange(blob.size, part);
  const reading = await blobs.read(blob.id, asked);
  reply.header(HEADER_BLOB_ID, blob.id);
  reply.header(HEADER_BLOB_SIZE, blob.size);
  reply.header('accept-ranges', 'bytes');
  reply.header('cache-control', 'no-store');
  reply.type('application/octet-stream');
  if (asked !== undefined && reading.range.end > reading.range.start) {
    reply.code(206);
    reply.header('content-range', `bytes ${reading.range.start}-${reading.range.end - 1}/${reading.size}`);
  }
  const plainBytes = reading.range.end - reading.range.start;
  const body = await shortenedStream(request, reply, reading.body, plainBytes);
  return reply.send(Readable.from(body, { objectMode: false }));
}

function partRange(size: number, part: number): ByteRange {
  const { start, length } = partSpan(size, part);
  if (length < 0 || (length === 0 && part > 0))
    throw transferErrors.TRANSFER_NOT_FOUND(`there is no part ${part}`);
  return { start, end: start + length };
}

/** One range; several, or a header that cannot be read, mean everything, as HTTP allows. */
function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match;
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (start >= size || end <= start)
    throw transferErrors.TRANSFER_RANGE_REFUSED(`the blob has ${size} bytes`);
  return { start, end };
}
