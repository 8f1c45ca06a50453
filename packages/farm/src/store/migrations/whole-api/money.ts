/**
 * Prices, the ledger, and what it is shown by. A movement's entries add up to zero; `pots` holds the sum of all entries
 * of a pot, `frame_money` and `task_money` the sums of all entries of a frame and a task, so that a page or a poll reads
 * rows instead of adding. Amounts are millionths of the farm's currency.
 */
import type { MigrationPart } from '../migration.ts';

export const moneyPart: MigrationPart = ({ id, int }) => {
  const shares = ['balance', 'vouchers', 'company', 'package', 'arrears']
    .map((name) => `${name} ${int} not null default 0`)
    .join(', ');
  return [
    `alter table attempts add column charged_ms ${int} not null default 0`,
    `create table money_settings (id ${id} primary key, currency text not null)`,
    "insert into money_settings (id, currency) values (1, 'USD')",
    `create table prices (id ${id} primary key, platform ${int} not null, machine text not null, model text not null,
      per text not null, amount ${int} not null, from_at ${int} not null, made_at ${int} not null, made_by ${int} not null)`,
    `create table money_accounts (account_id ${id} primary key references accounts (id), credit ${int} not null,
      spend_limit ${int}, limit_spent ${int} not null, topped_up ${int} not null, funded ${int} not null)`,
    `create table pots (account_id ${int} not null, kind text not null, ref ${int} not null, amount ${int} not null,
      primary key (account_id, kind, ref))`,
    `create table vouchers (id ${id} primary key, account_id ${int} not null references accounts (id),
      company ${int} not null, amount ${int} not null, granted_at ${int} not null, expires_at ${int}, lapsed_at ${int})`,
    'create index vouchers_account on vouchers (account_id)',
    'create index vouchers_due on vouchers (expires_at) where lapsed_at is null',
    `create table packages (id ${id} primary key, account_id ${int} not null references accounts (id), kind text not null,
      name text not null, project_name text not null, catalogue_id ${int}, starts_at ${int} not null, ends_at ${int}, time_left_ms ${int},
      paid ${int} not null, closed_at ${int})`,
    'create index packages_account on packages (account_id)',
    'create index packages_due on packages (ends_at) where closed_at is null',
    `create table movements (id ${id} primary key, made_at ${int} not null, kind text not null, account_id ${int} not null,
      task_id ${int}, frame_id ${int}, attempt_id ${int}, package_id ${int}, made_by ${int}, reference text, note text not null)`,
    'create index movements_account on movements (account_id, id)',
    'create index movements_frame on movements (frame_id) where frame_id is not null',
    "create unique index movements_once on movements (frame_id, attempt_id) where kind = 'charge'",
    'create unique index movements_reference on movements (reference) where reference is not null',
    `create table movement_entries (movement_id ${int} not null references movements (id), account_id ${int} not null,
      kind text not null, ref ${int} not null, amount ${int} not null, primary key (movement_id, account_id, kind, ref))`,
    'create index movement_entries_pot on movement_entries (account_id, kind, ref)',
    `create table frame_money (frame_id ${int} not null, payer_id ${int} not null, task_id ${int} not null,
      price ${int} not null, fee_type ${int} not null, charged_at ${int} not null, ${shares},
      primary key (frame_id, payer_id))`,
    'create index frame_money_task on frame_money (task_id)',
    'create index frame_money_arrears on frame_money (payer_id, frame_id) where arrears > 0',
    `create table task_money (task_id ${id} primary key, account_id ${int} not null, ${shares})`,
    'create index task_money_arrears on task_money (account_id) where arrears > 0',
    `create table arrears_stops (task_id ${int} not null references tasks (id), segment_id ${int} not null,
      stopped_at ${int} not null, untouched ${int} not null, primary key (task_id, segment_id, stopped_at))`,
    "insert into sequences (name, next) values ('price', 1), ('voucher', 1), ('package', 1), ('movement', 1)",
  ];
};
