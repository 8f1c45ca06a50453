/** Platforms, hardware and render environments. */
import type { MigrationPart } from '../migration.ts';

export const cataloguePart: MigrationPart = () => [];
