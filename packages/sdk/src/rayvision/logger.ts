/**
 * The documented log (seed 002 "Log Management", compat-sync 5): one line a message to a rotating file and to stderr. The
 * file is, by the first that applies,
 *
 *   - `<logFolder>/<app>/<logName or host>.log`,
 *   - `<RAYVISION_LOG_ROOT>/<user>/<host>.log`,
 *   - `<the system's folder for logs of app>/<user>/<host>.log`.
 */
import path from 'node:path';
import { type Clock, coerceError, type Log, MiB, systemClock } from '@croft/contract';
import { type RayvisionEnvironment, rayvisionEnvironment } from './config.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
const LEVELS: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

export interface LogConfig {
  /** Level below which nothing is written at all. */
  readonly level: LogLevel;
  /** Formats with `%(asctime)s`, `%(levelname)s`, `%(name)s`, `%(message)s`; `%(levelname)-8s` pads. */
  readonly formatters: { readonly file: string; readonly console: string };
  readonly handlers: {
    /** Null: no file. An empty `filename` means the documented place. */
    readonly file: {
      readonly level: LogLevel;
      readonly filename: string;
      readonly maxBytes: number;
      readonly backupCount: number;
    } | null;
    /** Null: nothing to stderr. */
    readonly console: { readonly level: LogLevel } | null;
  };
}

export interface LoggerOptions {
  readonly logFolder?: string | undefined;
  readonly logName?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
  readonly environment?: RayvisionEnvironment;
  readonly clock?: Clock;
  /** Where the console lines go; default stderr. */
  readonly console?: (line: string) => void;
}

/** The documented configuration: everything to a file of 5 MiB with 7 older ones, and to stderr. */
export function getDefaultLogConfig(): LogConfig {
  return {
    level: 'DEBUG',
    formatters: {
      file: '%(asctime)s [%(levelname)s] %(name)s: %(message)s',
      console: '%(levelname)-8s: %(name)s: %(message)s',
    },
    handlers: {
      file: { level: 'DEBUG', filename: '', maxBytes: 5 * MiB, backupCount: 7 },
      console: { level: 'DEBUG' },
    },
  };
}

/** The documented log with the documented configuration. Never throws: without a file it writes to stderr only. */
export function initLogger(appName: string, options: LoggerOptions = {}): Log {
  const config = getDefaultLogConfig();
  try {
    return setUpLogger(appName, config, options);
  } catch (thrown) {
    const consoleOnly = { ...config, handlers: { ...config.handlers, file: null } };
    const log = setUpLogger(appName, consoleOnly, options);
    log.warn({ err: coerceError(thrown).message }, 'the log file cannot be opened');
    return log;
  }
}

/** A log with a configuration of the caller's; throws what the file system says where the file's folder cannot be made. */
export function setUpLogger(appName: string, config: LogConfig, options: LoggerOptions = {}): Log {
  const { clock = systemClock, logLevel = config.level } = options;
  const sinks: Sink[] = [];
  const { file, console: onConsole } = config.handlers;
  const toConsole = options.console ?? ((line: string) => void process.stderr.write(`${line}\n`));
  if (file) {
    const rotating = new RotatingFile(file.filename || logFilePath(appName, options), { ...file, clock });
    const write = neverFailing((line) => rotating.write(line), toConsole);
    sinks.push({ level: file.level, format: config.formatters.file, write });
  }
  if (onConsole) sinks.push({ level: onConsole.level, format: config.formatters.console, write: toConsole });
  return loggerOf(appName, logLevel, sinks, clock, {});
}

/** A full disk under the log ends no render: it is told on the console, once until a line can be written again. */
function neverFailing(write: (line: string) => void, tell: (line: string) => void) {
  let hasFailed = false;
  return (line: string) => {
    try {
      write(line);
      hasFailed = false;
    } catch (thrown) {
      if (!hasFailed) tell(`the log file cannot be written: ${coerceError(thrown).message}`);
      hasFailed = true;
    }
  };
}

/** The documented place of an app's log file. */
export function logFilePath(appName: string, options: LoggerOptions = {}): string {
  const { logFolder, logName, environment = rayvisionEnvironment() } = options;
  const hostFile = `${environment.hostName}.log`;
  if (logFolder) return path.join(logFolder, appName, logName || hostFile);
  return path.join(
    environment.logRoot ?? userLogFolder(appName, environment),
    environment.userName,
    hostFile,
  );
}

function userLogFolder(appName: string, { platform, home, localAppData }: RayvisionEnvironment): string {
  switch (platform) {
    case 'win32':
      return path.join(localAppData ?? path.join(home, 'AppData', 'Local'), 'RayVision', appName, 'Logs');
    case 'darwin':
      return path.join(home, 'Library', 'Logs', appName);
    default:
      return path.join(home, '.cache', appName, 'log');
  }
}

interface Sink {
  readonly level: LogLevel;
  readonly format: string;
  readonly write: (line: string) => void;
}

function loggerOf(
  name: string,
  threshold: LogLevel,
  sinks: readonly Sink[],
  clock: Clock,
  bound: object,
): Log {
  const log = (level: LogLevel, fields: object, message: string) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(threshold)) return;
    const all = { ...bound, ...fields };
    const record = {
      asctime: localTime(clock.now()),
      levelname: level,
      name,
      message: Object.keys(all).length > 0 ? `${message} ${JSON.stringify(all)}` : message,
    };
    for (const sink of sinks)
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(sink.level)) sink.write(formatted(sink.format, record));
  };
  return {
    debug: (fields, message) => log('DEBUG', fields, message),
    info: (fields, message) => log('INFO', fields, message),
    warn: (fields, message) => log('WARNING', fields, message),
    error: (fields, message) => log('ERROR', fields, message),
    child: (fields) => loggerOf(name, threshold, sinks, clock, { ...bound, ...fields }),
  };
}

function formatted(format: string, record: Readonly<Record<string, string>>): string {
  const line = format.replace(/%\((\w+)\)(-?\d*)s/g, (_all, key: string, width: string) => {
    const text = record[key] ?? '';
    return width.startsWith('-') ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width));
  });
  // A message is a stranger's text: it stays one line, so that nobody can forge another.
  return line.replace(/[\r\n]+/g, ' ');
}

/** `2026-01-31 09:05:07,042` in this machine's time. */
function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())].join(':');
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}
