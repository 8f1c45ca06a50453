/** Opens the farm's SQLite file, for writing (once, in the farm thread) or for reading (anywhere). */
import { DatabaseSync } from 'node:sqlite';
import { coerceError, MiB, SECOND } from '@croft/contract';
import { Kysely } from 'kysely';
import { farmErrors } from '../../errors.ts';
import type { Schema } from '../schema.ts';
import type { ReadConnection, Store } from '../store.ts';
import { sqliteDialect } from './dialect.ts';

const BUSY_TIMEOUT_MS = 10 * SECOND;
/** Pages of the log after which SQLite copies it back; smaller makes more small pauses, larger a slower start. */
const CHECKPOINT_PAGES = 2000;
/** One huge commit makes a huge log; after it was copied back the file is cut to this. */
const LARGEST_KEPT_LOG_BYTES = 64 * MiB;

/** The write connection. Creates the file where there is none. Throws FARM_STORE_FAILED where it cannot be opened. */
export function openSqliteStore(file: string): Store {
  const database = openDatabase(file, false);
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  database.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.exec(`pragma journal_size_limit = ${LARGEST_KEPT_LOG_BYTES}`);
  database.exec('pragma foreign_keys = on');
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) });
  return {
    db,
    types: { id: 'integer', int: 'integer', bytes: 'blob', real: 'real' },
    begin: async () => database.exec('begin immediate'),
    async commit() {
      try {
        database.exec('commit');
      } catch (thrown) {
        if (database.isTransaction) database.exec('rollback');
        throw farmErrors.FARM_STORE_FAILED('the farm could not save its state', {
          cause: coerceError(thrown),
        });
      }
    },
    rollback: async () => {
      if (database.isTransaction) database.exec('rollback');
    },
    savepoint: async (name) => database.exec(`savepoint ${name}`),
    release: async (name) => database.exec(`release ${name}`),
    undo: async (name) => database.exec(`rollback to ${name}; release ${name}`),
    openReads: () => openSqliteReads(file),
    execute: async (statement) => database.exec(statement),
    close: async () => database.close(),
  };
}

/** A connection that can only look. Each statement sees the newest commit. */
export function openSqliteReads(file: string): ReadConnection {
  const database = openDatabase(file, true);
  // Costs a look into shared memory.
  const version = database.prepare('pragma data_version');
  return {
    db: new Kysely<Schema>({ dialect: sqliteDialect(database) }),
    version: () => Number(version.get()!.data_version),
    close: () => database.close(),
  };
}

function openDatabase(file: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly, timeout: BUSY_TIMEOUT_MS });
  } catch (thrown) {
    throw farmErrors.FARM_STORE_FAILED(`the farm's database ${file} cannot be opened`, {
      cause: coerceError(thrown),
    });
  }
}
