/** Answers that travel compressed, for clients that asked for that, where it is worth it. */
import { HEADER_PLAIN_SIZE, KiB } from '@croft/contract';
import { Gate, isWorthZstd, ZSTD, zstdOf, zstdStream } from '@croft/transfer';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A body below this is a packet or two anyway. */
const LEAST_BYTES = 4 * KiB;
/** Packs are compressed in one piece; each takes a thread for some 50 ms. */
const packs = new Gate(2);

function isAskedFor(request: FastifyRequest, plainBytes: number): boolean {
  const accepted = request.headers['accept-encoding'];
  return plainBytes >= LEAST_BYTES && typeof accepted === 'string' && /\bzstd\b/.test(accepted);
}

function announce(reply: FastifyReply, plainBytes: number): void {
  reply.header('content-encoding', ZSTD).header(HEADER_PLAIN_SIZE, plainBytes);
}

/**
 * The body as it is to travel, with the headers that say so: a stream by its first chunk. Only a body that stays as it is gets
 * a `content-length`.
 */
export async function shortenedStream(
  request: FastifyRequest,
  reply: FastifyReply,
  body: AsyncIterable<Uint8Array>,
  plainBytes: number,
): Promise<AsyncIterable<Uint8Array>> {
  if (isAskedFor(request, plainBytes)) {
    const chunks = body[Symbol.asyncIterator]();
    const first = await chunks.next();
    const whole = again(first, chunks);
    if (!first.done && (await isWorthZstd(first.value))) {
      announce(reply, plainBytes);
      return zstdStream(whole);
    }
    reply.header('content-length', plainBytes);
    return whole;
  }
  reply.header('content-length', plainBytes);
  return body;
}

/** The same for bytes in memory. */
export async function shortenedPack(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const plainBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const shorter = isAskedFor(request, plainBytes)
    ? await packs.run(() => zstdOf(Buffer.concat(pieces, plainBytes)))
    : null;
  reply.header('content-length', shorter?.length ?? plainBytes);
  if (shorter === null) return pieces;
  announce(reply, plainBytes);
  return [shorter];
}

async function* again(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
