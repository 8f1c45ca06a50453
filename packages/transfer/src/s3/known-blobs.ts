/**
 * Blobs that were seen in the bucket lately, so that a commit after its question asks little anew. Only presence is
 * remembered, never absence. This farm's own removals are taken out at once; what somebody else removes from the bucket
 * is noticed within KNOWN_FOR_MS, or when it is read.
 */
import { type BlobId, type Clock, MINUTE } from '@croft/contract';

const KNOWN_FOR_MS = 10 * MINUTE;
/** About 30 MB. */
const MOST = 200_000;

export class KnownBlobs {
  readonly #clock: Clock;
  /** When each was seen, oldest first. */
  readonly #seen = new Map<BlobId, number>();
  #removals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(id: BlobId): void {
    this.#seen.delete(id);
    this.#seen.set(id, this.#clock.now());
    if (this.#seen.size <= MOST) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      return;
    }
  }

  /**
   * Adds what an answer of the bucket names that is under way from here on. When something is removed meanwhile, the answer
   * may be older than that, and nothing more of it is believed.
   */
  adder(): (id: BlobId) => void {
    const before = this.#removals;
    return (id) => {
      if (this.#removals === before) this.add(id);
    };
  }

  has(id: BlobId): boolean {
    const seenMs = this.#seen.get(id);
    return seenMs !== undefined && this.#clock.now() - seenMs < KNOWN_FOR_MS;
  }

  /** To be told before and after the bucket lets go of it. */
  remove(id: BlobId): void {
    this.#removals += 1;
    this.#seen.delete(id);
  }
}
