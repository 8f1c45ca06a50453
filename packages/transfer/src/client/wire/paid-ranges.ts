/** A range of bytes as several short ones, one after the other: the next is being paid while one comes. */

import type { RateLimit } from '../pace/rate-limit.ts';
import { PaidAnswer } from './paid-answer.ts';

interface Paying {
  limit: RateLimit;
  /** Of one request. */
  mostBytes: number;
  signal: AbortSignal | undefined;
}

/** Bytes `start` to `end`; `get` asks for some of them. An empty range is asked for as well. */
export async function* inPaidRanges(
  { limit, mostBytes, signal }: Paying,
  start: number,
  end: number,
  get: (from: number, to: number, paid: PaidAnswer) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const endOf = (from: number) => Math.min(end, from + mostBytes);
  let at = start;
  let paid: PaidAnswer | null = new PaidAnswer(limit, endOf(at) - at, signal);
  try {
    while (paid !== null) {
      const to = endOf(at);
      const next: PaidAnswer | null = to < end ? new PaidAnswer(limit, endOf(to) - to, signal) : null;
      const now = paid;
      paid = next;
      yield await get(at, to, now);
      at = to;
    }
  } finally {
    paid?.cancel();
  }
}
