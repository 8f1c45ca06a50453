/**
 * The log of a long-running command: one JSON object a line in a file, everything from the chosen level on; warnings and
 * errors on stderr too, so that somebody who looks sees them. At the start a file over 16 MiB is put aside as `.1`.
 */
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { type Clock, coerceError, type Log, MiB } from '@croft/contract';
import { makeFolder } from '@croft/transfer';
import { LOG_LEVELS, type LogLevel } from './config.ts';
import { cliErrors } from './errors.ts';
import { safeText } from './format.ts';

const LARGEST_FILE_BYTES = 16 * MiB;

export interface FileLogOptions {
  readonly file: string;
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Gets warnings and errors as a line of text. */
  readonly onWarning: (line: string) => void;
}

export interface FileLog extends Log {
  /** Resolves when everything is in the file. */
  close(): Promise<void>;
}

export function openFileLog(options: FileLogOptions): FileLog {
  makeHome(path.dirname(options.file));
  putAside(options.file);
  const stream = createWriteStream(options.file, { flags: 'a', mode: 0o600 });
  // A full disk must not end the farm: lines are lost, the farm goes on.
  stream.on('error', () => {});
  return {
    ...levelsOf(options, stream, {}),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
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

function levelsOf(options: FileLogOptions, stream: WriteStream, bound: object): Log {
  const least = LOG_LEVELS.indexOf(options.level);
  const write = (level: LogLevel) => (fields: object, message: string) => {
    const rank = LOG_LEVELS.indexOf(level);
    if (rank < least) return;
    const line = { at: new Date(options.clock.now()).toISOString(), level, message, ...bound, ...fields };
    if (stream.writable) stream.write(`${JSON.stringify(line, plainErrors)}\n`);
    if (rank >= LOG_LEVELS.indexOf('warn')) options.onWarning(`${level}: ${message}${reasonIn(fields)}`);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => levelsOf(options, stream, { ...bound, ...fields }),
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

function putAside(file: string): void {
  try {
    if (statSync(file).size > LARGEST_FILE_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
}
