/** One try of a request, to the farm or straight to its store: watched for standstill, counted, its failures told apart. */
import { type Clock, SECOND } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import type { LinkRate } from '../pace/link-rate.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import { ConnectionBroke } from './connection-broke.ts';
import { DoorAnswer } from './door-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { PaidAnswer } from './paid-answer.ts';
import { throwIfInterrupted } from './retry.ts';
import { ANSWER_WITHIN_MS } from './sent-body.ts';
import { Standstill } from './standstill.ts';
import { unansweredError } from './unanswered.ts';

/** How long a host may take to be found and greeted. */
const CONNECTED_WITHIN_MS = 10 * SECOND;

/** What a try is started with: where it tells of its progress, and what ends it. */
export interface TryWay {
  watch: Standstill;
  sent: { bytes: number };
  signal: AbortSignal;
  onConnected: () => void;
}

export interface OneTry<Result> {
  /** Who is asked, for messages. */
  origin: string;
  /** Whether something answered there before. */
  isKnownHost?: boolean | undefined;
  signal: AbortSignal | undefined;
  /** How long no byte may move; default 15 s. */
  zeroSpeedMs?: number | undefined;
  /** Of the answer's body; `start` sees to that of the request. */
  limit: RateLimit | undefined;
  paid?: PaidAnswer | undefined;
  /** Of the link by which the answer comes; absent where it is not to be measured. */
  rate?: LinkRate | undefined;
  /** Told the bytes of a failed try as a negative number. */
  onSent: ((bytes: number) => void) | undefined;
  start(way: TryWay): Promise<HttpAnswer>;
  /** What an answer other than 200 to 299 means. */
  errorOf(answer: HttpAnswer): Promise<Error>;
  read(answer: DoorAnswer): Promise<Result>;
}

/** Throws what `errorOf`, `read` or `unansweredError` say, TRANSFER_UNREACHABLE, TRANSFER_INTERRUPTED. */
export async function tryOnce<Result>(clock: Clock, request: OneTry<Result>): Promise<Result> {
  const stop = new AbortController();
  const interrupted = () => stop.abort();
  request.signal?.addEventListener('abort', interrupted, { once: true });
  const watch = new Standstill(clock, () => stop.abort(), request.zeroSpeedMs);
  const sent = { bytes: 0 };
  let arrived = false;
  try {
    await request.paid?.begin();
    watch.expect(CONNECTED_WITHIN_MS);
    const onConnected = () => watch.expect(ANSWER_WITHIN_MS);
    const answer = await request.start({ watch, sent, signal: stop.signal, onConnected });
    arrived = answer.ok;
    watch.moved();
    if (!answer.ok) throw await request.errorOf(answer);
    return await request.read(new DoorAnswer(answer, watch, request));
  } catch (thrown) {
    throwIfInterrupted(request.signal);
    if (watch.stalled)
      throw transferErrors.TRANSFER_UNREACHABLE(`${request.origin} stood still`, { cause: thrown });
    if (!(thrown instanceof ConnectionBroke)) throw thrown;
    throw unansweredError(request.origin, thrown, request.isKnownHost === true);
  } finally {
    watch.end();
    request.paid?.end();
    request.signal?.removeEventListener('abort', interrupted);
    stop.abort();
    if (!arrived && sent.bytes > 0) request.onSent?.(-sent.bytes);
  }
}
