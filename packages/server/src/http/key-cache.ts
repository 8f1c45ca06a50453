/**
 * Secrets of access keys, kept for a few seconds so that a polling client does not cost a call to the farm each time.
 * The price: a disabled key works for `KEPT_MS` longer. Unknown ids are kept too, but in their own small space, so that
 * guessing ids cannot push out keys in use.
 */
import { type Clock, SECOND } from '@croft/contract';
import type { FarmCalls, SigningSecret } from '@croft/farm';

const KEPT_MS = 5 * SECOND;
const MOST_KEYS = 1000;
const LONGEST_ACCESS_ID = 128;

export type SigningKey = SigningSecret;

export interface KeyCache {
  find(accessId: string): Promise<SigningKey | null>;
}

export function createKeyCache(calls: FarmCalls, clock: Clock): KeyCache {
  const known = new Map<string, { key: SigningKey | null; until: number }>();
  const unknown = new Map<string, { key: SigningKey | null; until: number }>();
  return {
    async find(accessId) {
      if (accessId.length > LONGEST_ACCESS_ID) return null;
      const kept = known.get(accessId) ?? unknown.get(accessId);
      if (kept !== undefined && kept.until > clock.now()) return kept.key;
      known.delete(accessId);
      unknown.delete(accessId);
      const key = await calls.keySecret(accessId);
      const space = key === null ? unknown : known;
      space.set(accessId, { key, until: clock.now() + KEPT_MS });
      if (space.size > MOST_KEYS) space.delete(space.keys().next().value!);
      return key;
    },
  };
}
