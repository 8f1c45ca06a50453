/**
 * The settings that `-C` names: which local database remembers unchanged files. The SDK writes this file anew for each
 * upload. Whatever is wrong with it means "no database": it only saves work.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SECOND } from '@croft/contract';

interface AnySettings {
  /** How a person knows the database. */
  readonly name: string;
  /** Nothing is to remain in it after the upload. */
  readonly isTemporary: boolean;
}

export interface SqliteSettings extends AnySettings {
  readonly type: 'sqlite';
  /** Its folder may not exist yet. */
  readonly file: string;
}

export interface RedisSettings extends AnySettings {
  readonly type: 'redis';
  readonly host: string;
  readonly port: number;
  /** '' for none. */
  readonly password: string;
  /** Number of the database in that Redis. */
  readonly tableIndex: number;
  /** To connect, and for each answer. */
  readonly timeoutMs: number;
}

export type DbSettings = SqliteSettings | RedisSettings;

const DEFAULT_TIMEOUT_MS = 5 * SECOND;
type Values = (section: string, key: string) => string | undefined;

const READERS: Readonly<Record<string, (value: Values, isTemporary: boolean) => DbSettings | string>> = {
  sqlite: sqliteSettings,
  redis: redisSettings,
};

/** null where there is to be no database; `onProblem` gets the reason where that is not what was asked for. */
export async function readDbIni(
  file: string | null,
  onProblem: (why: string) => void,
): Promise<DbSettings | null> {
  if (file === null) return null;
  let text: string;
  try {
    text = await readFile(resolve(file), 'utf8');
  } catch {
    onProblem(`the database settings ${file} cannot be read`);
    return null;
  }
  const value = iniValues(text);
  if (!isTrue(value('database', 'on') ?? 'true')) return null;
  const type = (value('database', 'type') ?? 'sqlite').toLowerCase();
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) {
    onProblem(`there is no database of type ${type} here, only ${Object.keys(READERS).join(' and ')}`);
    return null;
  }
  const settings = read(value, isTrue(value('sqlite', 'temporary') ?? 'false'));
  if (typeof settings !== 'string') return settings;
  onProblem(`${file} ${settings}`);
  return null;
}

/** A text says what is wrong with the file. */
function sqliteSettings(value: Values, isTemporary: boolean): DbSettings | string {
  const dbPath = value('sqlite', 'db_path') ?? '';
  if (dbPath === '') return 'names no db_path';
  const file = resolve(dbPath);
  return { type: 'sqlite', name: file, file, isTemporary };
}

/** The SDK writes `temporary` below `[sqlite]` for either type. */
function redisSettings(value: Values, isTemporary: boolean): DbSettings | string {
  const number = (key: string, byDefault: number, least: number, most: number) => {
    const text = value('redis', key) ?? '';
    const given = text === '' ? byDefault : Number(text);
    return Number.isInteger(given) && given >= least && given <= most ? given : null;
  };
  const host = value('redis', 'host') || '127.0.0.1';
  const port = number('port', 6379, 1, 65_535);
  const tableIndex = number('table_index', 0, 0, 1_000_000);
  const timeoutMs = number('timeout', DEFAULT_TIMEOUT_MS, 1, 600 * SECOND);
  if (port === null || tableIndex === null || timeoutMs === null)
    return 'holds a port, table_index or timeout of redis that is none';
  const password = value('redis', 'password') ?? '';
  const name = `redis ${host}:${port}/${tableIndex}`;
  return { type: 'redis', name, host, port, password, tableIndex, timeoutMs, isTemporary };
}

function isTrue(text: string): boolean {
  return ['true', '1', 'yes', 'on'].includes(text.trim().toLowerCase());
}

/** `key = value` below `[section]`; names without regard to case, comments begin a line with `#` or `;`. */
export function iniValues(text: string): Values {
  const values = new Map<string, string>();
  let section = '';
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^\]]*)\]$/.exec(line);
    if (header) {
      section = header[1]!.trim().toLowerCase();
      continue;
    }
    const at = line.search(/[=:]/);
    if (at > 0)
      values.set(`${section}\n${line.slice(0, at).trim().toLowerCase()}`, line.slice(at + 1).trim());
  }
  return (wanted, key) => values.get(`${wanted}\n${key}`);
}
