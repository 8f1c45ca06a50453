/** For logs and pipes: whole lines, and a line of progress when something changed, at most every few seconds. */
import { type Clock, SECOND } from '@croft/contract';
import { safeLines, safeText } from '../format.ts';
import type { PrintableError, Printer, Progress, Sinks } from './printer.ts';
import { lastingLines, liveLine } from './progress-lines.ts';

const QUIET_MS = 5 * SECOND;

export class PlainPrinter implements Printer {
  readonly isJson = false;
  readonly #sinks: Sinks;
  readonly #clock: Clock;
  readonly #lastingLines = lastingLines();
  #spokeAt: number;
  #lastLine = '';

  constructor(sinks: Sinks, clock: Clock) {
    this.#sinks = sinks;
    this.#clock = clock;
    this.#spokeAt = clock.now();
  }

  result(_value: object, asText: () => string): void {
    this.#sinks.out.write(`${safeLines(asText())}\n`);
  }

  stream(text: string): void {
    this.#sinks.out.write(safeLines(text));
  }

  progress(event: Progress): void {
    for (const line of this.#lastingLines(event)) this.#say(line);
    const line = event.state === 'started' ? null : liveLine(event);
    if (line === null || line === this.#lastLine || this.#clock.now() - this.#spokeAt < QUIET_MS) return;
    this.#spokeAt = this.#clock.now();
    this.#lastLine = line;
    this.#say(line);
  }

  note(text: string): void {
    this.#say(text);
  }

  warn(text: string): void {
    this.#say(`warning: ${text}`);
  }

  error(error: PrintableError): void {
    for (const line of errorLines(error)) this.#say(line);
  }

  close(): void {}

  #say(line: string): void {
    this.#sinks.err.write(`${safeLines(line)}\n`);
  }
}

/** An error as people read it: one sentence, one hint; a bug with what a report needs. */
export function errorLines({ body, stack }: PrintableError): string[] {
  if (stack !== null) return ['croft: an error in Croft itself; please report it with these lines:', stack];
  return [`croft: ${safeText(body.message)}`, ...(body.hint ? [`hint: ${safeText(body.hint)}`] : [])];
}
