/**
 * Whether edited inputs are compared with what the farm has of them. That costs both sides processor time, so by itself the engine
 * does it only over links that are slower than the comparing: never over loopback, and not where files were measured to move faster.
 * A link that nothing was measured of counts as slow: comparing in vain costs some seconds a GiB, sending in vain
 * minutes.
 */
import type { LinkRate } from '../pace/link-rate.ts';
import type { RateLimit } from '../pace/rate-limit.ts';

/** `auto` as described above; `always` and `never` whatever the link. */
export const DELTA_RULES = ['auto', 'always', 'never'] as const;
export type DeltaRule = (typeof DELTA_RULES)[number];

/** About half of what was measured to be compared in a millisecond: both ends have other things to do. */
const COMPARED_BYTES_PER_MS = 150_000;

export interface Link {
  /** The farm is on this machine. */
  isLoopback: boolean;
  limit: RateLimit | undefined;
  /** Of content that went up. */
  rate: LinkRate;
}

export function isDeltaWanted(rule: DeltaRule, { isLoopback, limit, rate }: Link): boolean {
  if (rule !== 'auto') return rule === 'always';
  if (limit !== undefined && limit.bytesPerMs < COMPARED_BYTES_PER_MS) return true;
  return !isLoopback && (rate.bytesPerMs ?? 0) < COMPARED_BYTES_PER_MS;
}
