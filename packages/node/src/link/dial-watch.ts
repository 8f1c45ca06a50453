/**
 * Why the farm could not be reached: a WebSocket's own error gives no reason, so it is taken from the channel on which the
 * HTTP client of this process tells of connections that could not be made.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { distrustOf } from '@croft/contract';

const CHANNEL = 'undici:client:connectError';

export interface DialFailure {
  readonly why: string;
  /** What somebody has to do about it; null where the farm is merely away. */
  readonly hint: string | null;
}

export class DialWatch {
  readonly #origin: URL;
  #last: DialFailure | null = null;
  readonly #onError = (message: unknown) => {
    const { connectParams, error } = message as { connectParams?: { host?: string }; error?: Error };
    if (connectParams?.host === this.#origin.host && error !== undefined)
      this.#last = failureOf(this.#origin, error);
  };

  /** `origin`: of the farm, as it is dialled. */
  constructor(origin: URL) {
    this.#origin = origin;
  }

  start(): void {
    subscribe(CHANNEL, this.#onError);
  }

  /** The last failure, once. */
  take(): DialFailure | null {
    const last = this.#last;
    this.#last = null;
    return last;
  }

  stop(): void {
    unsubscribe(CHANNEL, this.#onError);
  }
}

function failureOf({ origin }: URL, error: Error): DialFailure {
  const distrust = distrustOf(error);
  if (distrust === null) return { why: error.message, hint: null };
  return { why: `the certificate of ${origin} is not trusted (${distrust.code})`, hint: distrust.hint };
}
