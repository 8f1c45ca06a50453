/**
 * What is tried again, how often, and how long to wait between: one table for all requests of the engine.
 *
 *   what happened                                   tries
 *   broken, cut, stood still, refused, no route     12, about two minutes: a farm is restarted or updated
 *   500, 502, 503, 504, 408, 425, 429               12
 *   a newer request sends the same part             12
 *   the name is not known, nothing ever answered    4, about a second: name servers hiccup, slips stay
 *   the certificate is not to be trusted            1
 *   no TLS where TLS was asked for                  1
 *   any other status, any other code of the farm    1
 */
import { type Clock, CroftError, coerceError, SECOND } from '@croft/contract';
import { transferErrors } from '../../errors.ts';

/** Codes that pass by themselves: a later try may work. Everything else with a code is final. */
const RETRYABLE_CODES = new Set([
  'TRANSFER_UNREACHABLE',
  'TRANSFER_HOST_UNKNOWN',
  'TRANSFER_PART_SUPERSEDED',
]);
/** Statuses without a catalogue code (a proxy's, a starting server's) that pass by themselves. */
const RETRYABLE_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Codes that are final though their status looks passing. */
const FINAL_CODES = new Set([
  'TRANSFER_BLOB_CORRUPT',
  'TRANSFER_STORE_LOCKED',
  'TRANSFER_STORE_REFUSED',
  'TRANSFER_NOT_TRUSTED',
  'TRANSFER_ANSWER_INVALID',
]);
/** Codes that are tried less often than the plan allows. */
const FEWER_TRIES: Readonly<Record<string, number>> = { TRANSFER_HOST_UNKNOWN: 4 };
/** Codes that mean that no answer came at all. */
const UNANSWERED_CODES = new Set(['TRANSFER_UNREACHABLE', 'TRANSFER_HOST_UNKNOWN', 'TRANSFER_NOT_TRUSTED']);

/** 0.2 s doubled up to 20 s: twelve tries span about two minutes, enough for a farm to be restarted or updated. */
export const MAX_TRIES = 12;
const FIRST_WAIT_MS = 0.2 * SECOND;
const LONGEST_WAIT_MS = 20 * SECOND;

/** How often and how patiently. */
export interface RetryPlan {
  maxTries: number;
  firstWaitMs: number;
  longestWaitMs: number;
}
const PATIENT: RetryPlan = {
  maxTries: MAX_TRIES,
  firstWaitMs: FIRST_WAIT_MS,
  longestWaitMs: LONGEST_WAIT_MS,
};

function isRetryable(error: Error): boolean {
  if (!(error instanceof CroftError)) return false;
  if (FINAL_CODES.has(error.code)) return false;
  return RETRYABLE_CODES.has(error.code) || RETRYABLE_STATUSES.has(error.status);
}

/** Statuses that pass by themselves, whoever answered them. */
export function isPassingStatus(status: number): boolean {
  return RETRYABLE_STATUSES.has(status);
}

/** Whether no answer came, so that another way to the same bytes may work, or none will. */
export function isUnanswered(thrown: unknown): boolean {
  return thrown instanceof CroftError && UNANSWERED_CODES.has(thrown.code);
}

function mostTries(error: Error, plan: RetryPlan): number {
  if (!(error instanceof CroftError) || !isRetryable(error)) return 1;
  return Math.min(plan.maxTries, FEWER_TRIES[error.code] ?? plan.maxTries);
}

/** Wait before try number `tried` + 1; jittered between half and whole, so that many clients do not return at once. */
export function waitAfter(tried: number, plan: RetryPlan = PATIENT): number {
  const whole = Math.min(plan.longestWaitMs, plan.firstWaitMs * 2 ** (tried - 1));
  return whole / 2 + (Math.random() * whole) / 2;
}

/** Runs `action` until it works, fails for good, or has failed as often as the plan allows; then its last error is thrown. */
export async function withRetries<Result>(
  clock: Clock,
  signal: AbortSignal | undefined,
  action: () => Promise<Result>,
  onRetry: (error: Error, tried: number, waitMs: number) => void,
  plan: RetryPlan = PATIENT,
): Promise<Result> {
  for (let tried = 1; ; tried++) {
    throwIfInterrupted(signal);
    try {
      return await action();
    } catch (thrown) {
      throwIfInterrupted(signal);
      const error = coerceError(thrown);
      if (tried >= mostTries(error, plan)) throw error;
      const waitMs = waitAfter(tried, plan);
      onRetry(error, tried, waitMs);
      await sleep(clock, waitMs, signal);
    }
  }
}

/** TRANSFER_INTERRUPTED once the user paused or cancelled. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw transferErrors.TRANSFER_INTERRUPTED('the transfer was interrupted', { cause: signal.reason });
}

/** Waits on the clock; ends early with TRANSFER_INTERRUPTED. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  const interrupted = () => {
    cancel();
    resolve();
  };
  signal?.addEventListener('abort', interrupted, { once: true });
  return promise.then(() => {
    signal?.removeEventListener('abort', interrupted);
    throwIfInterrupted(signal);
  });
}
