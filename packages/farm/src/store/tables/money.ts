/** Tables of prices, packages and the ledger. Amounts are `Money`: whole millionths of the farm's currency. */

import type { Generated } from 'kysely';

/** What a price is for an hour of. */
export type PricePer = 'node-hour' | 'core-hour' | 'gpu-hour';
/**
 * Where money lies. `balance`, `arrears` (what is owed, below 0), `voucher` and `package` (one each, `ref` is its id) are
 * an account's; the others are what the farm has had with that account: `outside` (money that came in, below 0),
 * `granted` (vouchers given, below 0), `revenue` (what frames brought) and `lapsed` (what ran out unused).
 */
export type PotKind =
  | 'balance'
  | 'arrears'
  | 'voucher'
  | 'package'
  | 'outside'
  | 'granted'
  | 'revenue'
  | 'lapsed';
export type MovementKind =
  | 'top-up'
  | 'pay-out'
  | 'voucher'
  | 'package'
  | 'charge'
  | 'settle'
  | 'refund'
  | 'lapse';

export interface AttemptColumns {
  /** Time of its frames that was charged. */
  charged_ms: Generated<number>;
}
export interface MoneySettingsTable {
  id: number;
  currency: string;
}
export interface PricesTable {
  id: number;
  /** 0: every platform. */
  platform: number;
  /** '' for every machine. */
  machine: '' | 'cpu' | 'gpu';
  /** Lower case; '' for every model. */
  model: string;
  per: PricePer;
  amount: number;
  from_at: number;
  made_at: number;
  made_by: number;
}
export interface MoneyAccountsTable {
  account_id: number;
  /** How far below 0 the balance may go. */
  credit: number;
  /** What its tasks may cost from when the limit was set; null: any. */
  spend_limit: number | null;
  /** What they cost since then. */
  limit_spent: number;
  /** All top-ups ever. */
  topped_up: number;
  /** Everything ever put in: top-ups, vouchers, packages. */
  funded: number;
}
export interface PotsTable {
  account_id: number;
  kind: PotKind;
  ref: number;
  amount: number;
}
export interface VouchersTable {
  id: number;
  account_id: number;
  /** 1: pays for every member of the main account's team. */
  company: number;
  amount: number;
  granted_at: number;
  expires_at: number | null;
  /** When what was left of it ran out or was taken back. */
  lapsed_at: number | null;
}
export interface PackagesTable {
  id: number;
  account_id: number;
  /** `machine`: frames on its nodes are paid. `project`: frames of tasks of its project are, while it lasts. */
  kind: 'machine' | 'project';
  name: string;
  /** '' for a machine package. */
  project_name: string;
  /** The package of nodes in catalogue.json that a machine package sells; null for a project package. */
  catalogue_id: number | null;
  starts_at: number;
  ends_at: number | null;
  /** Node time of a project package that is prepaid by time; null where it is prepaid by amount. */
  time_left_ms: number | null;
  paid: number;
  closed_at: number | null;
}
export interface MovementsTable {
  id: number;
  made_at: number;
  kind: MovementKind;
  /** Whose statement shows it. */
  account_id: number;
  task_id: number | null;
  frame_id: number | null;
  attempt_id: number | null;
  /** The package that it sold. */
  package_id: number | null;
  /** The administrator who made it; null where the farm did. */
  made_by: number | null;
  /** A name that its sender gave it: the same one twice is one movement. */
  reference: string | null;
  note: string;
}
export interface MovementEntriesTable {
  movement_id: number;
  account_id: number;
  kind: PotKind;
  ref: number;
  amount: number;
}
/** Who paid how much; the sum is what was consumed. */
export interface MoneyShares {
  balance: number;
  vouchers: number;
  company: number;
  package: number;
  /** Not paid yet. */
  arrears: number;
}
export interface FrameMoneyTable extends MoneyShares {
  frame_id: number;
  payer_id: number;
  task_id: number;
  /** Price of the last charge, per hour. */
  price: number;
  /** 0 metered, 1 machine package, 2 project package. */
  fee_type: number;
  charged_at: number;
}
export interface TaskMoneyTable extends MoneyShares {
  task_id: number;
  account_id: number;
}
/** What a stop for arrears did to a segment, so that going on undoes that and nothing else. */
export interface ArrearsStopsTable {
  task_id: number;
  segment_id: number;
  /** `ended_at` of the frames it stopped. */
  stopped_at: number;
  /** 1: it also stopped the frames that have no row. */
  untouched: number;
}

export interface MoneyTables {
  money_settings: MoneySettingsTable;
  prices: PricesTable;
  money_accounts: MoneyAccountsTable;
  pots: PotsTable;
  vouchers: VouchersTable;
  packages: PackagesTable;
  movements: MovementsTable;
  movement_entries: MovementEntriesTable;
  frame_money: FrameMoneyTable;
  task_money: TaskMoneyTable;
  arrears_stops: ArrearsStopsTable;
}
