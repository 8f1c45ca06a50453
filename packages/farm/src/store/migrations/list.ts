import { foundation } from './0001-foundation.ts';
import { wholeApi } from './0002-whole-api.ts';
import type { Migration } from './migration.ts';

/** All migrations, oldest first; versions are 1, 2, 3 … without a gap. */
export const MIGRATIONS: readonly Migration[] = [foundation, wholeApi];
