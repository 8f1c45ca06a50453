/** NDJSON: one JSON value a line. Both sides read it from hostile streams, so lines and totals are bounded. */
import { transferErrors } from '../errors.ts';

export const NDJSON_TYPE = 'application/x-ndjson';
const LINE_MAX_BYTES = 64 * 1024;

/** The values of a stream, one a line; empty lines are skipped. TRANSFER_BAD_REQUEST for a line that is no JSON or too long. */
export async function* readNdjson(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLines: number,
): AsyncGenerator<unknown> {
  for await (const values of readNdjsonGroups(stream, maxLines)) yield* values;
}

/** The same, those that came together in one array: for many short lines, of which each by itself costs more to hand on than to read. */
export async function* readNdjsonGroups(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLines: number,
): AsyncGenerator<unknown[]> {
  const lines = new Lines(maxLines);
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(10) + 1;
    if (end > 0) {
      const whole = chunk.subarray(0, end);
      yield lines.parse(rest.length > 0 ? Buffer.concat([rest, whole]) : whole);
    }
    const left = chunk.subarray(end);
    // A copy, so that a short end does not keep a long chunk.
    rest = end > 0 ? Buffer.from(left) : Buffer.concat([rest, left]);
    if (rest.length > LINE_MAX_BYTES) throw transferErrors.TRANSFER_TOO_LARGE('a line is over 64 KiB');
  }
  if (rest.length > 0) yield lines.parse(rest);
}

class Lines {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  parse(bytes: Uint8Array): unknown[] {
    const values: unknown[] = [];
    for (const line of this.#decode(bytes).split('\n')) {
      if (line === '') continue;
      if (++this.#count > this.#most)
        throw transferErrors.TRANSFER_TOO_LARGE(`more than ${this.#most} lines`);
      try {
        values.push(JSON.parse(line));
      } catch (cause) {
        throw transferErrors.TRANSFER_BAD_REQUEST(`line ${this.#count} is not JSON`, { cause });
      }
    }
    return values;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw transferErrors.TRANSFER_BAD_REQUEST(`a line after line ${this.#count} is not UTF-8`, { cause });
    }
  }
}

/** Lines gathered into chunks of about 64 KiB, since one write a line would cost more than the line. */
export async function* writeNdjson(
  values: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const value of values) {
    text += `${JSON.stringify(value)}\n`;
    if (text.length < LINE_MAX_BYTES) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
