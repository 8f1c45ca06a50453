/**
 * One farm per home. The lock is an exclusive transaction on a small database of its own: the system frees it when
 * the process ends, however it ends, so a crash leaves nothing to clean up.
 */
import { DatabaseSync } from 'node:sqlite';
import { coerceError } from '@croft/contract';
import { farmErrors } from '../errors.ts';

/** Throws FARM_STORE_BUSY while another process or thread holds it. */
export function lockHome(file: string): { release(): void } {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (thrown) {
    database.close();
    throw farmErrors.FARM_STORE_BUSY('the home is in use by another farm', { cause: coerceError(thrown) });
  }
  let held = true;
  return {
    release() {
      if (held) database.close();
      held = false;
    },
  };
}
