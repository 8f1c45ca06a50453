/**
 * For programs: one JSON line on stdout, the result or {"error": ErrorBody}; everything else as JSON lines with
 * `message_type` on stderr. Additive only.
 */
import type { PrintableError, Printer, Progress, Sinks } from './printer.ts';

export class NdjsonPrinter implements Printer {
  readonly isJson = true;
  readonly #sinks: Sinks;

  constructor(sinks: Sinks) {
    this.#sinks = sinks;
  }

  result(value: object): void {
    this.#sinks.out.write(`${JSON.stringify(value)}\n`);
  }

  stream(text: string): void {
    this.#sinks.out.write(`${JSON.stringify({ message_type: 'log', text })}\n`);
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
    this.result({ error: body, ...(stack === null ? {} : { stack }) });
  }

  close(): void {}

  #say(value: object): void {
    this.#sinks.err.write(`${JSON.stringify(value)}\n`);
  }
}
