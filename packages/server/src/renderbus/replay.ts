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

/** Two halves: when the younger one is full, the older one is forgotten whole; entry by entry costs a search each time. */
export function createReplayMemory(): ReplayMemory {
  let younger = new Set<string>();
  let older = new Set<string>();
  return {
    remember(accessId, timestampSeconds, nonce) {
      const mark = `${accessId} ${timestampSeconds} ${nonce}`;
      if (younger.has(mark) || older.has(mark)) return false;
      younger.add(mark);
      if (younger.size * 2 >= MOST_ENTRIES) [older, younger] = [younger, new Set()];
      return true;
    },
  };
}
