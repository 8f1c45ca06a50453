/** NDJSON: one JSON value a line. Both sides read it from hostile streams, so lines and totals are bounded. */
import { transferErrors } from './errors.ts';

export const NDJSON_TYPE = 'application/x-ndjson';
const LINE_MAX_BYTES = 64 * 1024;

/** The values of a stream, one a line; empty lines are skipped. TRANSFER_BAD_REQUEST for a line that is no JSON or too long. */
export async function* readNdjson(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLines: number,
): AsyncGenerator<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest: Uint8Array = new Uint8Array(0);
  let lines = 0;
  const parse = (line: Uint8Array): unknown => {
    if (++lines > maxLines) throw transferErrors.TRANSFER_TOO_LARGE(`more than ${maxLines} lines`);
    try {
      return JSON.parse(decoder.decode(line));
    } catch (cause) {
      throw transferErrors.TRANSFER_BAD_REQUEST(`line ${lines} is not JSON`, { cause });
    }
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line =
        rest.length > 0 ? Buffer.concat([rest, chunk.subarray(from, end)]) : chunk.subarray(from, end);
      rest = new Uint8Array(0);
      from = end + 1;
      if (line.length > 0) yield parse(line);
    }
    rest = Buffer.concat([rest, chunk.subarray(from)]);
    if (rest.length > LINE_MAX_BYTES) throw transferErrors.TRANSFER_TOO_LARGE('a line is over 64 KiB');
  }
  if (rest.length > 0) yield parse(rest);
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
