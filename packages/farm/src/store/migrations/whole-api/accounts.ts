/** Sub-accounts, teams, permissions and settings. */
import type { MigrationPart } from '../migration.ts';

export const accountsPart: MigrationPart = () => [];
