/** Prices, ledger, packages. */
import type { MigrationPart } from '../migration.ts';

export const moneyPart: MigrationPart = () => [];
