/** One try of a request, to the farm or straight to its store: watched for standstill, counted, its failures told apart. */
import { type Clock, CroftError, coerceError } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import { DoorAnswer } from './door-answer.ts';
import type { RateLimit } from './rate-limit.ts';
import { throwIfInterrupted } from './retry.ts';
import { ANSWER_WITHIN_MS } from './sent-body.ts';
import { Standstill, ZERO_SPEED_MS } from './standstill.ts';

export interface OneTry<Result> {
  /** Who is asked, for messages. */
  origin: string;
  signal: AbortSignal | undefined;
  /** Of the answer's body; `start` sees to that of the request. */
  limit: RateLimit | undefined;
  /** Told the bytes of a failed try as a negative number. */
  onSent: ((bytes: number) => void) | undefined;
  start(watch: Standstill, sent: { bytes: number }, signal: AbortSignal): Promise<Response>;
  /** What an answer other than 200 to 299 means. */
  errorOf(response: Response): Promise<Error>;
  read(answer: DoorAnswer): Promise<Result>;
}

/** Throws what `errorOf` or `read` say, TRANSFER_UNREACHABLE, TRANSFER_INTERRUPTED. */
export async function tryOnce<Result>(clock: Clock, request: OneTry<Result>): Promise<Result> {
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  request.signal?.addEventListener('abort', interrupted, { once: true });
  const watch = new Standstill(clock, () => stop.abort());
  const sent = { bytes: 0 };
  let arrived = false;
  try {
    watch.expect(ANSWER_WITHIN_MS);
    const response = await request.start(watch, sent, stop.signal);
    arrived = response.ok;
    watch.expect(ZERO_SPEED_MS);
    if (!response.ok) throw await request.errorOf(response);
    return await request.read(new DoorAnswer(response, watch, request));
  } catch (thrown) {
    throwIfInterrupted(request.signal);
    if (watch.stalled)
      throw transferErrors.TRANSFER_UNREACHABLE(`${request.origin} stood still`, { cause: thrown });
    if (thrown instanceof CroftError) throw thrown;
    throw asNetworkError(coerceError(thrown), request.origin);
  } finally {
    watch.end();
    request.signal?.removeEventListener('abort', interrupted);
    stop.abort();
    if (!arrived && sent.bytes > 0) request.onSent?.(-sent.bytes);
  }
}

/** `fetch` says "fetch failed" for anything below HTTP; the useful word is in its cause. Bugs stay bugs. */
function asNetworkError(error: Error, origin: string): Error {
  if (!isNetworkError(error)) return error;
  const why = error.cause === undefined ? error.message : coerceError(error.cause).message;
  return transferErrors.TRANSFER_UNREACHABLE(`${origin} cannot be reached: ${why}`, { cause: error });
}

/** Codes of sockets and names. A full disk has a code as well, and must not be waited for as if the farm were away. */
const NETWORK_CODES =
  /^(UND_ERR_.*|ECONN.*|EPIPE|ETIMEDOUT|EHOST.*|ENET.*|ENOTFOUND|EAI_.*|EPROTO|ERR_SSL_.*|ERR_TLS_.*|HPE_.*)$/;

function isNetworkError(error: Error): boolean {
  if (error.name === 'AbortError') return true;
  if (error instanceof TypeError && error.cause !== undefined) return true;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && NETWORK_CODES.test(code);
}
