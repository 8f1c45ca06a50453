/**
 * One node per home. The lock is an SQLite file held in an exclusive transaction: the operating system drops it the
 * moment the process dies, however it dies, so there is no stale lock to judge. The holder's pid lies beside it, for
 * the message only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { coerceError } from '@croft/contract';
import { nodeErrors } from '../errors.ts';
import type { NodeHome } from './home-layout.ts';

/** Takes the home or throws NODE_HOME_IN_USE; the answer gives it back. */
export function lockHome(home: NodeHome): () => void {
  const db = new DatabaseSync(home.lock);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (thrown) {
    db.close();
    const cause = coerceError(thrown);
    if (!/locked|busy/i.test(cause.message)) {
      throw nodeErrors.NODE_HOME_UNUSABLE(`the home ${home.root} cannot be locked: ${cause.message}`, {
        cause,
      });
    }
    throw nodeErrors.NODE_HOME_IN_USE(`another node${holderOf(home)} uses the home ${home.root}`, { cause });
  }
  writeFileSync(pidFileOf(home), `${process.pid}\n`);
  return () => db.close();
}

function holderOf(home: NodeHome): string {
  try {
    return ` (process ${readFileSync(pidFileOf(home), 'utf8').trim()})`;
  } catch {
    return '';
  }
}

function pidFileOf(home: NodeHome): string {
  return `${home.lock}.pid`;
}
