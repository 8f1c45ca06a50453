/** Keep times and collection of blobs. */
import type { MigrationPart } from '../migration.ts';

export const blobsPart: MigrationPart = ({ int }) => [
  // When the row was closed; null for rows that show, and for those closed before this column was there.
  `alter table tree_entries add column closed_at ${int}`,
  'create index tree_entries_closed on tree_entries (account_id, root, path, version_from) where version_to is not null',
  'create index results_blob on results (blob_id)',
  'create index account_blobs_blob on account_blobs (blob_id)',
  'create index tasks_frozen on tasks (input_account_id, input_version) where submitted_at is not null and purged_at is null',
];
