/** Who sends which part now: a part that is being sent twice at once belongs to the newer sender. */
import { transferErrors } from '../errors.ts';

interface Sender {
  give(way: Error): void;
  over: Promise<void>;
}

export class PartSenders {
  readonly #senders = new Map<string, Sender>();

  /**
   * Runs `send` once an older sender of the same part has given way. `stopped` tells why this one must give way itself,
   * null while it need not: TRANSFER_PART_SUPERSEDED.
   */
  async run(
    upload: string,
    part: number,
    send: (stopped: () => Error | null) => Promise<void>,
  ): Promise<void> {
    const place = `${upload}#${part}`;
    const older = this.#senders.get(place);
    let stopped: Error | null = null;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const mine: Sender = {
      give(way) {
        stopped = way;
      },
      over,
    };
    this.#senders.set(place, mine);
    try {
      older?.give(
        transferErrors.TRANSFER_PART_SUPERSEDED(`part ${part} is being sent again by a newer request`),
      );
      await older?.over;
      await send(() => stopped);
    } finally {
      if (this.#senders.get(place) === mine) this.#senders.delete(place);
      end();
    }
  }

  /** Whether any part of the upload is being sent. */
  isBusy(upload: string): boolean {
    return [...this.#senders.keys()].some((place) => place.startsWith(`${upload}#`));
  }
}
