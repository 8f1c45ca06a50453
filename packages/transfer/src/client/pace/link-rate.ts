/** How fast bytes go over a link while any do, over all connections together: measured from transfers as they happen. */
import { type Clock, MiB } from '@croft/contract';

/** Less tells more about buffers than about the link. */
const LEAST_BYTES = 4 * MiB;
const LEAST_MS = 100;
/** Then what was measured counts half: links change. */
const FORGET_AT_BYTES = 128 * MiB;

export class LinkRate {
  readonly #clock: Clock;
  #active = 0;
  #since = 0;
  #busyMs = 0;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A body begins; call `moved` for its bytes and `end` once. */
  begin(): { moved(bytes: number): void; end(): void } {
    if (this.#active++ === 0) this.#since = this.#clock.now();
    return {
      moved: (bytes) => {
        this.#bytes += bytes;
      },
      end: () => {
        if (--this.#active > 0) return;
        this.#busyMs += this.#clock.now() - this.#since;
        if (this.#bytes < FORGET_AT_BYTES) return;
        this.#bytes /= 2;
        this.#busyMs /= 2;
      },
    };
  }

  /** Bytes a millisecond; null while too little is known. */
  get bytesPerMs(): number | null {
    const ms = this.#busyMs + (this.#active > 0 ? this.#clock.now() - this.#since : 0);
    return this.#bytes < LEAST_BYTES && ms < LEAST_MS * 20 ? null : this.#bytes / Math.max(ms, 1);
  }
}
