/** Keep times and collection of blobs. */
import type { MigrationPart } from '../migration.ts';

export const blobsPart: MigrationPart = () => [];
