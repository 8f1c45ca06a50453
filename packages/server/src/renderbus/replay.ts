/**
 * Replay memory for calls that only read: bounded, in this process. Mutating calls are remembered by the farm, durably.
 * The unit is (access id, time, nonce), since the SDK draws its nonce from only 900,000 values. Entries are told apart
 * by time window, so forgetting the oldest when full can only let through a repeated read.
 */
const MOST_ENTRIES = 50_000;

export interface ReplayMemory {
  /** false when this was seen before. */
  remember(accessId: string, timestampSeconds: number, nonce: string): boolean;
}

export function createReplayMemory(): ReplayMemory {
  const seen = new Set<string>();
  return {
    remember(accessId, timestampSeconds, nonce) {
      const mark = `${accessId} ${timestampSeconds} ${nonce}`;
      if (seen.has(mark)) return false;
      seen.add(mark);
      if (seen.size > MOST_ENTRIES) seen.delete(seen.values().next().value!);
      return true;
    },
  };
}
