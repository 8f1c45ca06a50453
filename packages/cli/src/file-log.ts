/**
 * The log of a long-running command: one JSON object a line in a file, everything from the chosen level on; warnings and
 * errors on stderr too, so that somebody who looks sees them. A file that reaches 16 MiB is put aside as `.1`, `.1` becomes
 * `.2`, and so on to `.3`: a farm that runs for months keeps its newest 64 MiB of log at most.
 */
import { createWriteStream, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { type Clock, coerceError, type Log, MiB } from '@croft/contract';
import { makeFolder } from '@croft/transfer/make-folder';
import { LOG_LEVELS, type LogLevel } from './config.ts';
import { cliErrors } from './errors.ts';
import { safeText } from './format.ts';

const LARGEST_FILE_BYTES = 16 * MiB;
const FILES_ASIDE = 3;

export interface FileLogOptions {
  readonly file: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Gets warnings and errors as a line of text. */
  readonly onWarning: (line: string) => void;
  /** Default 16 MiB. */
  readonly largestFileBytes?: number;
  /** Full files that are kept; default 3. */
  readonly filesAside?: number;
}

export interface FileLog extends Log {
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
}

export function openFileLog(options: FileLogOptions): FileLog {
  makeHome(path.dirname(options.file));
  const { largestFileBytes = LARGEST_FILE_BYTES, filesAside = FILES_ASIDE } = options;
  const lines = openLines(options.file, largestFileBytes, filesAside);
  return { ...levelsOf(options, lines.write, {}), close: lines.close };
}

/** Appends lines to a file, and begins another where it is full. */
function openLines(file: string, largestBytes: number, filesAside: number) {
  let bytes = sizeOf(file);
  if (bytes > largestBytes) {
    putAside(file, filesAside);
    bytes = 0;
  }
  let stream = openStream(file);
  const ended: Promise<void>[] = [];
  const end = (one: WriteStream) => new Promise<void>((resolve) => one.end(() => resolve()));
  return {
    write(line: string): void {
      bytes += Buffer.byteLength(line);
      if (bytes > largestBytes) {
        // What was written to the old stream still goes to the old file, under its new name.
        ended.push(end(stream));
        putAside(file, filesAside);
        stream = openStream(file);
        bytes = Buffer.byteLength(line);
      }
      if (stream.writable) stream.write(line);
    },
    async close(): Promise<void> {
      await Promise.all([...ended, end(stream)]);
    },
  };
}

function openStream(file: string): WriteStream {
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600, ...openedNow(file) });
  // A full disk must not end the farm: lines are lost, the farm goes on.
  stream.on('error', () => {});
  return stream;
}

function makeHome(folder: string): void {
  try {
    makeFolder(folder);
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw cliErrors.CLI_HOME_UNUSABLE(`the folder ${folder} cannot be made: ${cause.message}`, {
      hint: 'Name another one with --home.',
      cause,
    });
  }
}

function levelsOf(options: FileLogOptions, append: (line: string) => void, bound: object): Log {
  const least = LOG_LEVELS.indexOf(options.level);
  const write = (level: LogLevel) => (fields: object, message: string) => {
    const rank = LOG_LEVELS.indexOf(level);
    if (rank < least) return;
    const line = { at: new Date(options.clock.now()).toISOString(), level, message, ...bound, ...fields };
    append(`${JSON.stringify(line, plainErrors)}\n`);
    if (rank >= LOG_LEVELS.indexOf('warn')) options.onWarning(`${level}: ${message}${reasonIn(fields)}`);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => levelsOf(options, append, { ...bound, ...fields }),
  };
}

/** Errors have no own properties to speak of; a log needs their words and their stack. */
function plainErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return typeof value === 'bigint' ? String(value) : value;
  const { code, cause } = value as NodeJS.ErrnoException;
  return { message: value.message, code, stack: value.stack, cause };
}

function reasonIn(fields: object): string {
  const { err } = fields as { err?: unknown };
  return err instanceof Error ? `: ${safeText(err.message)}` : '';
}

/** A stream opens its file later, which by then may be the next one. What cannot be opened now fails there. */
function openedNow(file: string): { fd?: number } {
  try {
    return { fd: openSync(file, 'a', 0o600) };
  } catch {
    return {};
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    // There is none yet.
    return 0;
  }
}

function putAside(file: string, filesAside: number): void {
  for (let number = filesAside; number >= 1; number--) {
    try {
      renameSync(number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`);
    } catch {
      // There are not so many yet; or another program holds it, and the file goes on growing.
    }
  }
}
