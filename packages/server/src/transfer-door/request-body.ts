/** Bodies as bounded streams: a sender that stands still is let go, and what was signed is what is read. */
import { createHash } from 'node:crypto';
import { type Clock, SECOND } from '@croft/contract';
import { UNSIGNED_PAYLOAD } from '@croft/contract/signing';
import { transferErrors } from '@croft/transfer';
import type { FastifyRequest } from 'fastify';
import type { TransferPrincipal } from './ports.ts';

/** Twice the client's own zero-speed timeout, so that the client gives up first and knows why. */
const STANDSTILL_MS = 30 * SECOND;

/**
 * The raw bytes of a request. Leaving the loop early keeps the connection, so that the error can still be answered
 * (Node drops the rest). Throws TRANSFER_UNREACHABLE when nothing comes for 30 s.
 */
export async function* bodyOf(request: FastifyRequest, clock: Clock): AsyncGenerator<Uint8Array> {
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
