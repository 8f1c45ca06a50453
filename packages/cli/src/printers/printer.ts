/**
 * Where a command's words go. One port, three printers: `tty` keeps a live line, `plain` writes a line where something
 * changed, `ndjson` writes JSON for programs. Results go to stdout; progress, warnings and errors to stderr, so that
 * stdout can be piped: with --json it holds exactly one line, the result or the error.
 */
import type { RenderEvent } from '@croft/sdk';

export type Progress = RenderEvent;

export interface Printer {
  readonly isJson: boolean;
  /** The result of the command: as JSON, or as text for people. */
  result(value: object, asText: () => string): void;
  /** A log's text, without what a terminal would obey; with --json on stderr, as {message_type: 'log', text}. */
  stream(text: string): void;
  progress(event: Progress): void;
  note(text: string): void;
  warn(text: string): void;
  error(error: PrintableError): void;
  /** Ends a live line. */
  close(): void;
}

export interface PrintableError {
  readonly body: { readonly code: string; readonly message: string; readonly hint?: string };
  /** Only for a bug: what to send in a report. */
  readonly stack: string | null;
}

/** The part of a stream that printers need. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Sinks {
  readonly out: Sink;
  readonly err: Sink;
}
