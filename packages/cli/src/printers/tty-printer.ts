/** For a terminal: a live line with a bar that is drawn over at most ten times a second, lasting lines above it. */
import { type Clock, SECOND } from '@croft/contract';
import picocolors from 'picocolors';
import { safeLines, safeText } from '../format.ts';
import { errorLines } from './plain-printer.ts';
import type { PrintableError, Printer, Progress, Sinks } from './printer.ts';
import { lastingLines, liveLine } from './progress-lines.ts';

const REDRAW_MS = 0.1 * SECOND;
const CLEAR_LINE = '\r\u001b[2K';

export class TtyPrinter implements Printer {
  readonly isJson = false;
  readonly #sinks: Sinks;
  readonly #clock: Clock;
  readonly #lastingLines = lastingLines();
  readonly #paint: ReturnType<typeof picocolors.createColors>;
  #phase: Progress['phase'] | null = null;
  #live = '';
  #drawnAt = 0;
  #cancelRedraw: (() => void) | null = null;

  constructor(sinks: Sinks, clock: Clock, hasColour: boolean) {
    this.#sinks = sinks;
    this.#clock = clock;
    this.#paint = picocolors.createColors(hasColour);
  }

  result(_value: object, asText: () => string): void {
    this.close();
    this.#sinks.out.write(`${safeLines(asText())}\n`);
  }

  stream(text: string): void {
    this.close();
    this.#sinks.out.write(safeLines(text));
  }

  progress(event: Progress): void {
    for (const line of this.#lastingLines(event)) this.#lasting(line, this.#paint.dim);
    if (event.state === 'started') this.#phase = event.phase;
    // Frames are fetched while others render: the line stays with what the user waits for.
    if (event.phase === 'download' && this.#phase === 'render') return;
    const line = liveLine(event, this.#width());
    if (line === null) return;
    this.#live = safeText(line);
    const wait = this.#drawnAt + REDRAW_MS - this.#clock.now();
    if (wait <= 0) this.#draw();
    else this.#cancelRedraw ??= this.#clock.after(wait, () => this.#draw());
  }

  note(text: string): void {
    this.#lasting(text);
  }

  warn(text: string): void {
    this.#lasting(`warning: ${text}`, this.#paint.yellow);
  }

  error(error: PrintableError): void {
    this.close();
    const [first = '', ...rest] = errorLines(error).map(safeLines);
    this.#sinks.err.write([this.#paint.red(first), ...rest, ''].join('\n'));
  }

  close(): void {
    this.#cancelRedraw?.();
    this.#cancelRedraw = null;
    if (this.#live !== '') this.#sinks.err.write(CLEAR_LINE);
    this.#live = '';
  }

  #draw(): void {
    this.#cancelRedraw?.();
    this.#cancelRedraw = null;
    this.#drawnAt = this.#clock.now();
    this.#sinks.err.write(CLEAR_LINE + this.#live.slice(0, this.#width()));
  }

  #width(): number {
    // A terminal that does not say how wide it is says 0.
    return Math.max(20, (this.#sinks.err.columns || 80) - 1);
  }

  #lasting(line: string, paint: (text: string) => string = String): void {
    const live = this.#live;
    this.close();
    this.#sinks.err.write(`${paint(safeLines(line))}\n`);
    this.#live = live;
    if (live !== '') this.#draw();
  }
}
