/** Passwords, sessions, address rules and the records of who did what. */

export interface PasswordsTable {
  account_id: number;
  /** `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, the form of other programs. */
  hash: string;
  set_at: number;
  /** Different wrong passwords since the last right one. */
  wrong_count: number;
  wrong_at: number | null;
  /** The newest wrong password under the same salt, base64: sent again, it is not counted again. */
  last_wrong: string | null;
  locked_until: number | null;
}
export interface AddressRulesTable {
  account_id: number;
  /** json: addresses and CIDR blocks, at least one. */
  allow: string;
  set_at: number;
}
export interface SessionsTable {
  hash: string;
  account_id: number;
  created_at: number;
  expires_at: number;
  way: string;
  address: string;
  user_agent: string;
}
export interface OperationsTable {
  id: number;
  at: number;
  account_id: number;
  /** The main account, for a main account itself: whose records these are, too. */
  house_id: number;
  account_name: string;
  button: string;
  task_type: string;
  /** json: number[]. */
  task_ids: string;
  channel: number;
  address: string;
  uri: string;
  /** JSON text of what was asked, without secrets, shortened. */
  parameters: string;
  /** Code of the answer; null while it runs, and for ever where the farm ended before it was told. */
  outcome: number | null;
  details: string;
}
export interface SignInsTable {
  id: number;
  at: number;
  account_id: number;
  house_id: number;
  account_name: string;
  way: string;
  /** Code of the answer, 200 where it let in. */
  outcome: number;
  address: string;
  user_agent: string;
  trace_id: string;
  /** What is recorded once only (a key's first use of a day) has a name here. */
  once: string | null;
}

export interface SignInTables {
  passwords: PasswordsTable;
  address_rules: AddressRulesTable;
  sessions: SessionsTable;
  operations: OperationsTable;
  sign_ins: SignInsTable;
}
