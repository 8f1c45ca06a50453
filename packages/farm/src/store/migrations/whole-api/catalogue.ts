/** Platforms, hardware and render environments. */
import type { MigrationPart } from '../migration.ts';

export const cataloguePart: MigrationPart = ({ id, int }) => [
  // One row: the declarations in use, and why the file as it is now is not.
  `create table catalogue (id ${id} primary key, declared text not null, problem text, version ${int} not null,
    loaded_at ${int} not null)`,
  `create table render_envs (account_id ${int} not null references accounts (id), edit_name text not null,
    cg_id ${int} not null, cg_name text not null, cg_version text not null, os_name ${int} not null,
    render_layer_type ${int} not null, project_path text not null, plugins text not null, is_default ${int} not null,
    changed_at ${int} not null, deleted_at ${int}, primary key (account_id, edit_name))`,
  `alter table tasks add column platform ${int} not null default 0`,
  "alter table tasks add column placement text not null default '{}'",
  "alter table tasks add column edit_name text not null default ''",
];
