/**
 * The settings that `-C` names: which local database remembers unchanged files. The SDK writes this file anew for each
 * upload. Whatever is wrong with it means "no database": it only saves work.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

export interface DbSettings {
  /** SQLite file; its folder may not exist yet. */
  readonly file: string;
  /** Nothing is to remain in it after the upload. */
  readonly isTemporary: boolean;
}

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
  if (type !== 'sqlite') {
    onProblem(`there is no database of type ${type} here, only sqlite`);
    return null;
  }
  const dbPath = value('sqlite', 'db_path') ?? '';
  if (dbPath === '') {
    onProblem(`${file} names no db_path`);
    return null;
  }
  return { file: resolve(dbPath), isTemporary: isTrue(value('sqlite', 'temporary') ?? 'false') };
}

function isTrue(text: string): boolean {
  return ['true', '1', 'yes', 'on'].includes(text.trim().toLowerCase());
}

/** `key = value` below `[section]`; names without regard to case, comments begin a line with `#` or `;`. */
function iniValues(text: string): (section: string, key: string) => string | undefined {
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
