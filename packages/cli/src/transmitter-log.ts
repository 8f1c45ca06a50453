/**
 * Where `rayvision_transmitter` writes its lines, besides stdout: as the original finds it out.
 *
 *   RAYVISION_LOG       folder for logs; the file is rayvision_transmitter/transmitter.log below it
 *   RAYVISION_LOG_INI   path of a file with settings; where neither variable is set, log.ini in the current folder
 *
 * Settings are lines `key = value`, in whatever section: `log_path` (folder; RAYVISION_LOG wins), `log_prefix` (name of the
 * file without `.log`), `min_level` (TRK_LEVEL, DBG_LEVEL, WAR_LEVEL, ERR_LEVEL), `file_size` (MB) and `log_file_count`. What
 * cannot be read counts as not said: no log ever stops a transfer.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MiB } from '@croft/contract';
import type { LogLevel } from './config.ts';
import type { Environment } from './environment.ts';

export interface TransmitterLog {
  readonly file: string;
  readonly level: LogLevel;
  readonly largestFileBytes: number;
  /** Full files that are kept beside it. */
  readonly filesAside: number;
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  TRK_LEVEL: 'debug',
  DBG_LEVEL: 'debug',
  WAR_LEVEL: 'warn',
  ERR_LEVEL: 'error',
};
const DEFAULT_FILE_MIB = 10;
const DEFAULT_FILES = 10;
const MOST_MIB = 1024;
const MOST_FILES = 100;

/** null where no folder is named. */
export function transmitterLog(env: Environment, currentFolder: string): TransmitterLog | null {
  const isSaid = Boolean(env.RAYVISION_LOG || env.RAYVISION_LOG_INI);
  const setting = readSettings(isSaid ? env.RAYVISION_LOG_INI : path.join(currentFolder, 'log.ini'));
  const folder = env.RAYVISION_LOG || setting('log_path');
  if (!folder) return null;
  const prefix = path.basename(setting('log_prefix') ?? '') || 'transmitter';
  return {
    file: path.join(path.resolve(currentFolder, folder), 'rayvision_transmitter', `${prefix}.log`),
    level: LEVELS[setting('min_level')?.toUpperCase() ?? ''] ?? 'info',
    largestFileBytes: whole(setting('file_size'), DEFAULT_FILE_MIB, MOST_MIB) * MiB,
    filesAside: whole(setting('log_file_count'), DEFAULT_FILES, MOST_FILES) - 1,
  };
}

/** How bad what a line tells is. */
export function levelOf(line: string): LogLevel {
  if (line.startsWith('error: ') || / file (fail|interrupt) \(/.test(line)) return 'error';
  return line.startsWith('warning: ') || line.startsWith('get path (') ? 'warn' : 'info';
}

function readSettings(file: string | undefined): (key: string) => string | undefined {
  const values = new Map<string, string>();
  for (const line of textOf(file).split(/\r?\n/)) {
    const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value) values.set(key.toLowerCase(), value);
  }
  return (key) => values.get(key);
}

function textOf(file: string | undefined): string {
  try {
    return file ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

function whole(text: string | undefined, byDefault: number, most: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, most) : byDefault;
}
