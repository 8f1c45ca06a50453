/** Bodies as bounded streams: a sender that stands still is let go, and what was signed is what is read. */
import { createHash } from 'node:crypto';
import { type Clock, HEADER_PLAIN_SIZE, SECOND } from '@croft/contract';
import { UNSIGNED_PAYLOAD } from '@croft/contract/signing';
import { transferErrors, unzstd, ZSTD } from '@croft/transfer';
import type { FastifyRequest } from 'fastify';
import type { TransferPrincipal } from './ports.ts';

/** More than the longest zero-speed time that a client may be told (60 s), so that the client gives up first and knows why. */
const STANDSTILL_MS = 75 * SECOND;

/**
 * The bytes of a request, unfolded where they came compressed (`isCompressed`): TRANSFER_HASH_MISMATCH where that goes wrong.
 * Leaving the loop early keeps the connection, so that the error can still be answered
 * (Node drops the rest). Throws TRANSFER_UNREACHABLE when nothing comes for 75 s.
 */
export function bodyOf(request: FastifyRequest, clock: Clock): AsyncIterable<Uint8Array> {
  const raw = rawBody(request, clock);
  if (!isCompressed(request)) return raw;
  const said = request.headers[HEADER_PLAIN_SIZE];
  if (typeof said !== 'string' || !/^\d{1,15}$/.test(said))
    throw transferErrors.TRANSFER_BAD_REQUEST(`a compressed body needs ${HEADER_PLAIN_SIZE}`);
  return unzstd(raw, Number(said), (why) => transferErrors.TRANSFER_HASH_MISMATCH(why));
}

/** TRANSFER_BAD_REQUEST for an encoding that is not taken. */
export function isCompressed(request: FastifyRequest): boolean {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined) return false;
  if (encoding !== ZSTD) throw transferErrors.TRANSFER_BAD_REQUEST(`bodies come as they are or as ${ZSTD}`);
  return true;
}

async function* rawBody(request: FastifyRequest, clock: Clock): AsyncGenerator<Uint8Array> {
  const chunks = request.raw.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  let giveUp = (_why: Error): void => undefined;
  // A promise of its own for each chunk: one that lives as long as the body would keep every chunk that raced with it.
  const next = () =>
    new Promise<IteratorResult<unknown>>((resolve, reject) => {
      giveUp = reject;
      chunks.next().then(resolve, reject);
    });
  let deadline = clock.now() + STANDSTILL_MS;
  let cancel = (): void => undefined;
  const watch = (ms: number) => {
    cancel = clock.after(ms, () => {
      const left = deadline - clock.now();
      if (left > 0) return watch(left);
      giveUp(transferErrors.TRANSFER_UNREACHABLE('the sender stands still'));
    });
  };
  watch(STANDSTILL_MS);
  try {
    for (;;) {
      const chunk = await next();
      if (chunk.done) return;
      deadline = clock.now() + STANDSTILL_MS;
      yield chunk.value as Uint8Array;
    }
  } finally {
    cancel();
    // Where it was left early: the rest passes unread, else the next request of this connection would never be seen.
    // Not waited for, as it comes after the next chunk of a sender that may send none.
    const leave = () => void request.raw.resume();
    void chunks.return?.().then(leave, leave);
  }
}

/** A body that must hash to what the account signed: its end throws TRANSFER_NOT_SIGNED_IN otherwise. */
export async function* signedBody(
  principal: TransferPrincipal,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const promised = principal.kind === 'account' ? principal.bodySha256 : undefined;
  if (promised === undefined) return yield* body;
  const hash = createHash('sha256');
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== promised) throw notSigned();
}

/** For bytes that are hashed anyway: the hash they must have is the one that was signed. */
export function checkSignedHash(
  principal: TransferPrincipal,
  sha256Hex: string,
  mayBeUnsigned: boolean,
): void {
  if (principal.kind !== 'account' || principal.bodySha256 === undefined) return;
  if (mayBeUnsigned && principal.bodySha256 === UNSIGNED_PAYLOAD) return;
  if (principal.bodySha256 !== sha256Hex) throw notSigned();
}

function notSigned() {
  return transferErrors.TRANSFER_NOT_SIGNED_IN('the body is not the one that was signed');
}
