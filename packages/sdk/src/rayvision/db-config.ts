/**
 * `db_config.ini` (seed 002 "transfer configuration file", compat-sync 3.2): where the transfer engine writes its log, and
 * which database remembers unchanged files. Places are, by the first that is there,
 *
 *   log        `transfer_log_path` of the file; RAYVISION_LOG; `renderfarm_sdk` in the user's home
 *   database   `db_path` of the file; RAYVISION_DB (as the packages read it); RAYVISION_LOG (as the documents call it);
 *              `renderfarm_sdk` in the user's home
 *
 * For each upload the settings become a small file for the engine, `<database>/db_ini/<folder of upload.json>.ini`.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { diskError } from '../task-files.ts';
import { iniValues } from '../transmitter/db-ini.ts';
import type { RayvisionEnvironment } from './config.ts';
import { CLIENT_CODES, RayvisionError, UnsupportedDatabaseError } from './exceptions.ts';

/** Folder of the SDK in the user's home, where nothing else is said. */
export const SDK_FOLDER = 'renderfarm_sdk';

/** The documented four parts of the file, values as they stand there. */
export interface DbConfig {
  readonly transferLogPath: string;
  readonly databaseConfig: { readonly on: string; readonly type: string; readonly dbPath: string };
  readonly redisConfig: {
    readonly host: string;
    readonly port: number;
    readonly password: string;
    readonly tableIndex: string;
    /** Milliseconds. */
    readonly timeout: string;
  };
  readonly sqliteConfig: { readonly temporary: string };
}

const DEFAULTS: DbConfig = {
  transferLogPath: '',
  databaseConfig: { on: 'true', type: 'sqlite', dbPath: '' },
  redisConfig: { host: '127.0.0.1', port: 6379, password: '', tableIndex: '0', timeout: '5000' },
  sqliteConfig: { temporary: 'false' },
};

/**
 * Reads the file; without one, or where it is not there, the documented defaults. Every key must be in it: RayvisionError
 * 1000002 names the one that is not; 600: a port that is no number.
 */
export function readDbConfig(dbConfigPath?: string | null): DbConfig {
  if (!dbConfigPath || !existsSync(dbConfigPath)) return DEFAULTS;
  let text: string;
  try {
    text = readFileSync(dbConfigPath, 'utf8');
  } catch (thrown) {
    throw diskError(thrown, `${dbConfigPath} cannot be read`);
  }
  const find = iniValues(text);
  const value = (section: string, key: string): string => {
    const found = find(section.toLowerCase(), key);
    if (found !== undefined) return found;
    throw new RayvisionError(CLIENT_CODES.key, `${dbConfigPath} has no ${key} below [${section}]`);
  };
  const port = value('REDIS', 'port');
  if (!/^\d{1,5}$/.test(port))
    throw new RayvisionError(CLIENT_CODES.parameterInvalid, `${dbConfigPath}: port must be a number`);
  return {
    transferLogPath: value('TRANSFER_LOG_PATH', 'transfer_log_path'),
    databaseConfig: {
      on: value('DATABASE_CONFIG', 'on'),
      type: value('DATABASE_CONFIG', 'type'),
      dbPath: value('DATABASE_CONFIG', 'db_path'),
    },
    redisConfig: {
      host: value('REDIS', 'host'),
      port: Number(port),
      password: value('REDIS', 'password'),
      tableIndex: value('REDIS', 'table_index'),
      timeout: value('REDIS', 'timeout'),
    },
    sqliteConfig: { temporary: value('SQLITE', 'temporary') },
  };
}

/** Folder of the transfer engine's log. */
export function transferLogFolder(transferLogPath: string, environment: RayvisionEnvironment): string {
  return firstThere([transferLogPath, environment.transferLog], environment);
}

/** Folder of the databases and their settings. */
export function databaseFolder({ databaseConfig }: DbConfig, environment: RayvisionEnvironment): string {
  return firstThere([databaseConfig.dbPath, environment.transferDb, environment.transferLog], environment);
}

function firstThere(folders: readonly (string | undefined)[], { home }: RayvisionEnvironment): string {
  return folders.find((folder) => folder && existsSync(folder)) ?? path.join(home, SDK_FOLDER);
}

/**
 * Writes the settings for one upload.json below `folder`; gives the path. Uploads of one folder share a database. Throws
 * UnsupportedDatabaseError, and the CroftErrors SDK_FILE_FAILED and SDK_DISK_FULL.
 */
export async function writeDbIni(
  uploadJsonPath: string,
  { folder, config, platform }: { folder: string; config: DbConfig; platform: string },
): Promise<string> {
  const type = config.databaseConfig.type.trim().toLowerCase();
  const name = path.basename(path.dirname(path.resolve(uploadJsonPath)));
  const fileName = Object.hasOwn(INI_NAMES, type) ? INI_NAMES[type]!(name) : null;
  if (fileName === null)
    throw new UnsupportedDatabaseError(
      `${JSON.stringify(type)} is no database; there are ${Object.keys(INI_NAMES).join(' and ')}`,
    );
  const { host, port, password, tableIndex, timeout } = config.redisConfig;
  const text = iniText({
    database: { on: config.databaseConfig.on, platform_id: platform, type },
    redis: { host, port, password, table_index: tableIndex, timeout },
    sqlite: {
      db_path: path.join(folder, 'db', `${name}.db`),
      temporary: config.sqliteConfig.temporary,
    },
  });
  const file = path.join(folder, 'db_ini', fileName);
  // Uploads of one folder write the same file while others read it.
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw diskError(thrown, `${file} cannot be written`);
  }
  return file;
}

/** Name of the settings by the type of database. */
const INI_NAMES: Readonly<Record<string, (name: string) => string>> = {
  sqlite: (name) => `${name}.ini`,
  redis: () => 'db_redis.ini',
};

function iniText(sections: Readonly<Record<string, Readonly<Record<string, string | number>>>>): string {
  return Object.entries(sections)
    .map(([section, values]) => {
      const lines = Object.entries(values).map(
        ([key, value]) => `${key} = ${String(value).replaceAll('\n', '\n\t')}\n`,
      );
      return `[${section}]\n${lines.join('')}\n`;
    })
    .join('');
}
