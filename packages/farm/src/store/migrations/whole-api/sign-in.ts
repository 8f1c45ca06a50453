/**
 * Passwords with their lock, which addresses an account may come from, where a session was opened, and the records of
 * sign-ins and operations. Records outlive what they speak of, so they name accounts without referring to them.
 */
import type { MigrationPart } from '../migration.ts';

export const signInPart: MigrationPart = ({ id, int }) => [
  `create table passwords (account_id ${int} primary key references accounts (id), hash text not null,
    set_at ${int} not null, wrong_count ${int} not null, wrong_at ${int}, last_wrong text, locked_until ${int})`,
  `create table address_rules (account_id ${int} primary key references accounts (id), allow text not null,
    set_at ${int} not null)`,
  "alter table sessions add column way text not null default 'link'",
  "alter table sessions add column address text not null default ''",
  "alter table sessions add column user_agent text not null default ''",
  'create index sessions_account on sessions (account_id)',
  `create table operations (id ${id} primary key, at ${int} not null, account_id ${int} not null,
    house_id ${int} not null, account_name text not null, button text not null, task_type text not null,
    task_ids text not null, channel ${int} not null, address text not null, uri text not null,
    parameters text not null, outcome ${int}, details text not null)`,
  'create index operations_account on operations (account_id, at)',
  'create index operations_house on operations (house_id, at)',
  `create table sign_ins (id ${id} primary key, at ${int} not null, account_id ${int} not null,
    house_id ${int} not null, account_name text not null, way text not null, outcome ${int} not null,
    address text not null, user_agent text not null, trace_id text not null, once text unique)`,
  'create index sign_ins_account on sign_ins (account_id, at)',
  'create index sign_ins_house on sign_ins (house_id, at)',
  "insert into sequences (name, next) values ('operation', 1), ('sign-in', 1)",
];
