/**
 * Server-sent events as an async iterable that outlives its connections. Only `data:` lines matter here: each event is
 * one JSON value. Comment lines (`:`) are the farm's heartbeat; without any byte for `SILENCE_MS` the connection counts
 * as dead, because a cut network says nothing.
 */
import { type Clock, CroftError, type FarmEvent, farmEventSchema, MiB, SECOND } from '@croft/contract';
import { backoffMs, sleep } from './retry.ts';

const SILENCE_MS = 60 * SECOND;
const RECONNECT = { firstMs: 0.25 * SECOND, mostMs: 5 * SECOND };
const LARGEST_EVENT_CHARS = MiB;

export interface EventSource {
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Opens one connection; throws what the door answers. */
  connect(): Promise<ReadableStream<Uint8Array>>;
}

/** Yields events until `signal` aborts; `null` after each reconnect. Throws only refusals: they do not get better. */
export async function* eventStream(source: EventSource): AsyncGenerator<FarmEvent | null> {
  let failures = 0;
  let isFirst = true;
  while (!source.signal.aborted) {
    try {
      const body = await source.connect();
      if (!isFirst) yield null;
      isFirst = false;
      for await (const data of dataLines(body, source)) {
        failures = 0;
        const event = eventIn(data);
        if (event) yield event;
      }
    } catch (thrown) {
      if (source.signal.aborted) return;
      if (thrown instanceof CroftError && isFinal(thrown)) throw thrown;
    }
    failures++;
    try {
      await sleep(source.clock, backoffMs(RECONNECT, Math.min(failures, 8), source.random()), source.signal);
    } catch {
      return;
    }
  }
}

function isFinal(error: CroftError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** An event of a kind this version does not know is left out: farms may be newer than their clients. */
function eventIn(data: string): FarmEvent | null {
  try {
    const parsed = farmEventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function* dataLines(body: ReadableStream<Uint8Array>, source: EventSource): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let cancelSilence = () => {};
  const hear = () => {
    cancelSilence();
    cancelSilence = source.clock.after(SILENCE_MS, () => void reader.cancel('silent').catch(() => {}));
  };
  try {
    hear();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      hear();
      rest += decoder.decode(value, { stream: true });
      if (rest.length > LARGEST_EVENT_CHARS) return;
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (data.length > 0) yield data.join('\n');
          data = [];
        } else if (line.startsWith('data:')) {
          data.push(line.slice(line[5] === ' ' ? 6 : 5));
        }
      }
    }
  } finally {
    cancelSilence();
    await reader.cancel().catch(() => {});
  }
}
