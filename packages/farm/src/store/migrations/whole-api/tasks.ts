/** Labels, clones, child tasks and isolation of tasks. */
import type { MigrationPart } from '../migration.ts';

export const tasksPart: MigrationPart = () => [];
