/** Tables of accounts, their keys, and what members of a team may do with each other's tasks. */
import type { Generated, Selectable } from 'kysely';

/**
 * A main account has `main_account_id` 0; a sub-account names its main account. The numbers without a word are settings
 * and facts of the Renderbus API: docs/accounts.md says what each does here.
 */
export interface AccountsTable {
  id: number;
  name: string;
  role: 'admin' | 'user';
  main_account_id: number;
  email: string;
  phone: string;
  company: string;
  task_over_time_sec: number;
  /** Its assets are those of the main account: uploads go to, and tasks read from, the main account's input root. */
  share_main_capital: number;
  created_at: number;

  /** The main account pays for its tasks. */
  use_main_balance: Generated<number>;
  hide_balance: Generated<number>;
  hide_job_charge: Generated<number>;
  download_disable: Generated<number>;
  sub_delete_task: Generated<number>;
  sub_delete_capital: Generated<number>;
  /** A main account's lists show the tasks of its sub-accounts. */
  display_subaccount: Generated<number>;
  /** How many sub-accounts a main account may have. */
  subaccount_limits: Generated<number>;
  /** Of a main account: its sub-accounts have settings of their own. */
  separate_account_flag: Generated<number>;
  use_level_directory: Generated<number>;
  info_status: Generated<number>;
  zone: Generated<number>;
  level: Generated<number>;
  soft_type: Generated<number>;
  soft_status: Generated<number>;
  business_type: Generated<number>;
  user_type: Generated<number>;
  single_node_render_frames: Generated<number>;
  max_ignore_map_flag: Generated<number>;
  ignore_map_flag: Generated<number>;
  auto_commit: Generated<number>;
  mifile_switch_flag: Generated<number>;
  assfile_switch_flag: Generated<number>;
  manually_start_analysis_flag: Generated<number>;
  is_vray_license: Generated<number>;
  just_upload_config_flag: Generated<number>;
  just_upload_cg_flag: Generated<number>;
  mandatory_analyse_all_agent: Generated<number>;

  /** The person's name; `name` is the account's. */
  full_name: Generated<string>;
  job: Generated<string>;
  communication_number: Generated<string>;
  description: Generated<string>;
  country: Generated<string>;
  city: Generated<string>;
  address: Generated<string>;

  /** Since when nobody gets in with it. */
  disabled_at: Generated<number | null>;
  /** A deleted account keeps its row, so that records still know its name; the name itself is free again. */
  deleted_at: Generated<number | null>;
  /** After it, nobody gets in: accounts for a time, e.g. a student's. */
  ends_at: Generated<number | null>;
}

export type AccountRow = Selectable<AccountsTable>;

/** What a key may do: look, also make and submit tasks, or everything the account may. */
export type KeyRights = 'read' | 'submit' | 'full';

export interface AccessKeysTable {
  access_id: string;
  account_id: number;
  name: string;
  /** 12 bytes of nonce, the AES-256-GCM ciphertext, 16 bytes of tag; the access id is the associated data. */
  secret_sealed: Uint8Array;
  created_at: number;
  disabled_at: number | null;
  rights: Generated<KeyRights>;
  /** The secret before the last rotation, which goes on working until `previous_until`. */
  previous_sealed: Generated<Uint8Array | null>;
  previous_until: Generated<number | null>;
  rotated_at: Generated<number | null>;
}

export interface StorageIdsTable {
  bid: string;
  account_id: number;
  root: string;
  created_at: number;
  /**
   * 0: the account's own id. Else the other account that was given this id of the root, and whose rights to it are
   * asked at each use: a colleague who downloads, or a sub-account that shares the assets.
   */
  holder_account_id: Generated<number>;
}

/** What `member_id` may do with the tasks of `owner_id`; 0 there stands for every member without a row of its own. */
export interface TeamRightsTable {
  member_id: number;
  owner_id: number;
  see: number;
  control: number;
  download: number;
}

export interface AccountTables {
  accounts: AccountsTable;
  access_keys: AccessKeysTable;
  storage_ids: StorageIdsTable;
  team_rights: TeamRightsTable;
}
