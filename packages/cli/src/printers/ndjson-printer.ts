/**
 * For programs: one JSON line on stdout, the result or {"error": ErrorBody}; everything else as JSON lines with
 * `message_type` on stderr. Additive only.
 */
import type { PrintableError, Printer, Progress, Sinks } from './printer.ts';

export class NdjsonPrinter implements Printer {
  readonly isJson = true;
  readonly #sinks: Sinks;
  #hasSpoken = false;

  constructor(sinks: Sinks) {
    this.#sinks = sinks;
  }

  result(value: object): void {
    this.#hasSpoken = true;
    this.#sinks.out.write(`${lineOf(value)}\n`);
  }

  stream(text: string): void {
    this.#say({ message_type: 'log', text });
  }

  progress(event: Progress): void {
    this.#say({ message_type: 'progress', ...event });
  }

  note(text: string): void {
    this.#say({ message_type: 'note', text });
  }

  warn(text: string): void {
    this.#say({ message_type: 'warning', text });
  }

  error({ body, stack }: PrintableError): void {
    const told = { error: body, ...(stack === null ? {} : { stack }) };
    // What goes wrong after the result (while a farm ends) must not make a second line on stdout.
    if (this.#hasSpoken) this.#say({ message_type: 'error', ...told });
    else this.result(told);
  }

  close(): void {}

  #say(value: object): void {
    this.#sinks.err.write(`${lineOf(value)}\n`);
  }
}

/** JSON lets some control characters through that a terminal obeys; escaped they mean the same. */
function lineOf(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
