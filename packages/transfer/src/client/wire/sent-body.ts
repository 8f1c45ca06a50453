/** The body of a request on its way out: in chunks, limited, counted, and told to the standstill watch. */
import { createHash } from 'node:crypto';
import { KiB, MINUTE } from '@croft/contract';
import type { LinkRate } from '../pace/link-rate.ts';
import type { DoorRequest } from './door-request.ts';
import type { OutgoingBody } from './http-sender.ts';
import type { Standstill } from './standstill.ts';

/** Between the last byte sent and the answer the farm may sync a slow disk. */
export const ANSWER_WITHIN_MS = MINUTE;
const CHUNK_BYTES = 256 * KiB;

type Sending = Pick<DoorRequest, 'limit' | 'signal' | 'onSent' | 'answerWithinMs'> & {
  rate?: LinkRate | undefined;
};

/** The body on its way: waits for the limit, tells the watch, and counts plain bytes, after each chunk. */
export function outgoingBody(
  request: Sending,
  { pieces, bytes, plainBytes }: Pick<NonNullable<DoorRequest['body']>, 'pieces' | 'bytes' | 'plainBytes'>,
  watch: Standstill,
  sent: { bytes: number },
): OutgoingBody {
  const length = bytes ?? lengthOf(pieces);
  return { length, chunks: paced(request, pieces, (plainBytes ?? length) / length, watch, sent) };
}

async function* paced(
  request: Sending,
  pieces: Iterable<Uint8Array>,
  plainPerByte: number,
  watch: Standstill,
  sent: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const chunkBytes = request.limit?.chunkBytes ?? CHUNK_BYTES;
  const measured = request.rate?.begin();
  let wireBytes = 0;
  try {
    for (const chunk of chunked(pieces, chunkBytes)) {
      await request.limit?.take(chunk.length, request.signal);
      watch.moved();
      yield chunk;
      measured?.moved(chunk.length);
      wireBytes += chunk.length;
      const plain = Math.round(wireBytes * plainPerByte) - sent.bytes;
      sent.bytes += plain;
      request.onSent?.(plain);
    }
  } finally {
    measured?.end();
  }
  watch.expect(request.answerWithinMs ?? ANSWER_WITHIN_MS);
}

/** Cuts long pieces and joins short ones, so that a pack of 4,096 small blobs is not 12,288 writes. */
function* chunked(pieces: Iterable<Uint8Array>, chunkBytes: number): Generator<Uint8Array> {
  let short: Uint8Array[] = [];
  let shortBytes = 0;
  for (const piece of pieces) {
    if (piece.length + shortBytes <= chunkBytes) {
      short.push(piece);
      shortBytes += piece.length;
      continue;
    }
    if (shortBytes > 0) yield Buffer.concat(short, shortBytes);
    short = [];
    shortBytes = 0;
    for (let at = 0; at < piece.length; at += chunkBytes) yield piece.subarray(at, at + chunkBytes);
  }
  if (shortBytes > 0) yield Buffer.concat(short, shortBytes);
}

function lengthOf(pieces: Iterable<Uint8Array>): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

export function hashOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
