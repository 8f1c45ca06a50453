/** Labels, clones, child tasks, limits and isolation of tasks. */
import type { MigrationPart } from '../migration.ts';

/** Columns of `tasks` that are numbers, each with what a task made before has. */
const NUMBERS = [
  'parent_id',
  'child_count',
  'after_id',
  'clone_parent_id',
  'clone_original_id',
  'reminder_sec',
];

export const tasksPart: MigrationPart = ({ id, int }) => [
  ...NUMBERS.map((name) => `alter table tasks add column ${name} ${int} not null default 0`),
  "alter table tasks add column task_type text not null default 'Render'",
  "alter table tasks add column layer_name text not null default ''",
  "alter table tasks add column render_camera text not null default ''",
  "alter table tasks add column input_prefix text not null default ''",
  `alter table tasks add column node_limit ${int}`,
  `alter table tasks add column over_time_at ${int}`,
  `alter table tasks add column ram_gb ${int}`,
  'create index tasks_children on tasks (parent_id, id) where parent_id <> 0',
  // The lists show no children; these indexes hold all that a list filters by.
  'drop index tasks_shown',
  'drop index tasks_deleted',
  `create index tasks_shown on tasks (account_id, id, status, submitted_at, scene_name)
    where parent_id = 0 and submitted_at is not null and deleted_at is null`,
  `create index tasks_deleted on tasks (account_id, id)
    where parent_id = 0 and submitted_at is not null and deleted_at is not null`,
  'create index tasks_after on tasks (after_id) where after_id <> 0',
  `create table labels (id ${id} primary key, account_id ${int} not null references accounts (id), name text not null,
    status ${int} not null, created_at ${int} not null, unique (account_id, name))`,
  `create table task_labels (task_id ${int} not null references tasks (id), label_id ${int} not null references labels (id),
    primary key (task_id, label_id))`,
  'create index task_labels_label on task_labels (label_id)',
  "create index tasks_old_labels on tasks (id) where labels <> '[]'",
  `create table isolated_folders (account_id ${int} not null references accounts (id), prefix text not null,
    model text not null, owner text not null, made_at ${int} not null, last_used_at ${int} not null,
    remove_after ${int} not null, primary key (account_id, prefix))`,
  'create index isolated_folders_due on isolated_folders (remove_after)',
  `alter table projects add column status ${int} not null default 1`,
  "insert into sequences (name, next) values ('label', 1)",
];
