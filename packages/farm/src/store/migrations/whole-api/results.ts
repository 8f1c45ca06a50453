/** What was published since a moment, without looking at all that a task ever published. */
import type { MigrationPart } from '../migration.ts';

export const resultsPart: MigrationPart = () => [
  'create index results_published on results (task_id, published_at, frame_id, path)',
];
