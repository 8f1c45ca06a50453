/**
 * Sub-accounts, teams, permissions and settings. What an account is beyond its name are columns of `accounts`, each with
 * the value that an account has had so far; what an account may do with a colleague's tasks are rows of `team_rights`.
 */
import type { MigrationPart } from '../migration.ts';

/** Truths and whole numbers, with the value of accounts made before. */
const NUMBERS: readonly (readonly [string, number])[] = [
  ['use_main_balance', 0],
  ['hide_balance', 0],
  ['hide_job_charge', 0],
  ['download_disable', 0],
  ['sub_delete_task', 1],
  ['sub_delete_capital', 0],
  ['display_subaccount', 1],
  ['subaccount_limits', 100],
  ['separate_account_flag', 1],
  ['use_level_directory', 1],
  ['info_status', 0],
  ['zone', 2],
  ['level', 50],
  ['soft_type', 2007],
  ['soft_status', 1],
  ['business_type', 1],
  ['user_type', 1],
  ['single_node_render_frames', 1],
  ['max_ignore_map_flag', 1],
  ['ignore_map_flag', 1],
  ['auto_commit', 2],
  ['mifile_switch_flag', 0],
  ['assfile_switch_flag', 0],
  ['manually_start_analysis_flag', 0],
  ['is_vray_license', 0],
  ['just_upload_config_flag', 0],
  ['just_upload_cg_flag', 0],
  ['mandatory_analyse_all_agent', 0],
];
const TEXTS = ['full_name', 'job', 'communication_number', 'description', 'country', 'city', 'address'];
const TIMES = ['disabled_at', 'deleted_at', 'ends_at'];

export const accountsPart: MigrationPart = ({ int, bytes }) => [
  ...NUMBERS.map(
    ([name, value]) => `alter table accounts add column ${name} ${int} not null default ${value}`,
  ),
  ...TEXTS.map((name) => `alter table accounts add column ${name} text not null default ''`),
  ...TIMES.map((name) => `alter table accounts add column ${name} ${int}`),
  'create unique index accounts_name on accounts (lower(name)) where deleted_at is null',
  "create unique index accounts_email on accounts (lower(email)) where deleted_at is null and email <> ''",
  'create index accounts_main on accounts (main_account_id)',
  'create index access_keys_account on access_keys (account_id)',
  `alter table storage_ids add column holder_account_id ${int} not null default 0`,
  "alter table access_keys add column rights text not null default 'full'",
  `alter table access_keys add column previous_sealed ${bytes}`,
  `alter table access_keys add column previous_until ${int}`,
  `alter table access_keys add column rotated_at ${int}`,
  `create table team_rights (member_id ${int} not null references accounts (id), owner_id ${int} not null,
    see ${int} not null, control ${int} not null, download ${int} not null, primary key (member_id, owner_id))`,
  'create index team_rights_owner on team_rights (owner_id)',
];
