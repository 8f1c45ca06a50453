/**
 * Everything about an account that can be changed, one row each: its word in the API, its column, what it may be, and who
 * may change it. Calls, the command line and docs/accounts.md are made from this table; a field that is not here cannot
 * be changed by anybody.
 */
import { farmErrors } from '../errors.ts';
import type { AccountRow } from '../store/tables/accounts.ts';

/** A value as doors give it; null empties a time. */
export type AccountValue = string | number | null;

/** `self`: the account itself and those above it; `main`: its main account; `admin`: administrators of the farm only. */
export type AccountEditor = 'self' | 'main' | 'admin';

export interface AccountField {
  readonly column: keyof AccountRow & string;
  /** The least privileged who may change it. */
  readonly by: AccountEditor;
  /** A main account may change it of itself, too: it is no limit that somebody else set. */
  readonly isOwn?: true;
  /** Whether it is of main accounts, of sub-accounts, or of all. */
  readonly of?: 'main' | 'sub';
  /** A setting of queryUserSetting: a main account may keep its sub-accounts' settings the same as its own. */
  readonly isSetting?: true;
  /** The value as the column has it; undefined for one that is not allowed. */
  read(value: AccountValue): AccountValue | undefined;
  /** What it may be, for people. */
  readonly allowed: string;
}

const LONGEST_TEXT = 255;
const DAY_SEC = 86_400;
const MOST_OVER_TIME_SEC = 3650 * DAY_SEC;

interface Place {
  readonly isOwn?: true;
  readonly of?: 'main' | 'sub';
  readonly isSetting?: true;
}

function whole(
  column: AccountField['column'],
  by: AccountEditor,
  [least, most]: readonly [number, number],
  place: Place = {},
): AccountField {
  return {
    column,
    by,
    ...place,
    allowed: most - least === 1 ? `${least} or ${most}` : `a whole number from ${least} to ${most}`,
    read(value) {
      const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most
        ? number
        : undefined;
    },
  };
}
const truth = (column: AccountField['column'], by: AccountEditor, place?: Place) =>
  whole(column, by, [0, 1], place);
const setting = (column: AccountField['column'], limits: readonly [number, number] = [0, 1]) =>
  whole(column, 'self', limits, { isSetting: true });

function text(column: AccountField['column'], by: AccountEditor, form = /^[^\p{Cc}]*$/u): AccountField {
  return {
    column,
    by,
    allowed: `a text of at most ${LONGEST_TEXT} letters`,
    read: (value) =>
      typeof value === 'string' && value.length <= LONGEST_TEXT && form.test(value)
        ? value.trim()
        : undefined,
  };
}

const name: AccountField = {
  column: 'name',
  by: 'main',
  isOwn: true,
  allowed: '1 to 64 letters, digits, spaces and . _ @ + -, beginning with a letter or digit',
  read(value) {
    const trimmed = typeof value === 'string' ? value.trim().normalize('NFC') : '';
    return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@+-]{0,63}$/u.test(trimmed) ? trimmed : undefined;
  },
};

const email: AccountField = {
  column: 'email',
  by: 'self',
  allowed: 'an e-mail address, or empty',
  read(value) {
    if (value === '') return '';
    const trimmed = typeof value === 'string' ? value.trim() : '';
    const isAddress = trimmed.length <= LONGEST_TEXT && /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]+$/u.test(trimmed);
    return isAddress ? trimmed : undefined;
  },
};

const endsAt: AccountField = {
  column: 'ends_at',
  by: 'main',
  allowed: 'milliseconds since 1970, a date like 2027-01-31 (its beginning, UTC), or empty for no end',
  read(value) {
    if (value === null || value === '') return null;
    const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(value);
    const ms = isDate ? Date.parse(value) : Number(value);
    return Number.isSafeInteger(ms) && ms >= 0 ? ms : undefined;
  },
};

/** The order is that of docs and of `croft accounts show`. */
export const ACCOUNT_FIELDS = {
  name,
  email,
  fullName: text('full_name', 'self'),
  phone: text('phone', 'self', /^[\d +()./-]*$/),
  company: text('company', 'self'),
  job: text('job', 'self'),
  communicationNumber: text('communication_number', 'self'),
  description: text('description', 'self'),
  country: text('country', 'self'),
  city: text('city', 'self'),
  address: text('address', 'self'),
  zone: whole('zone', 'admin', [1, 2]),
  level: whole('level', 'admin', [0, 1000]),
  endsAt,

  shareMainCapital: truth('share_main_capital', 'main', { of: 'sub' }),
  useMainBalance: truth('use_main_balance', 'main', { of: 'sub' }),
  hideBalance: truth('hide_balance', 'main'),
  hideJobCharge: truth('hide_job_charge', 'main'),
  downloadDisable: truth('download_disable', 'main'),
  subDeleteTask: truth('sub_delete_task', 'main', { isOwn: true }),
  subDeleteCapital: truth('sub_delete_capital', 'main', { isOwn: true }),
  displaySubaccount: truth('display_subaccount', 'self', { of: 'main' }),
  separateAccountFlag: truth('separate_account_flag', 'self', { of: 'main' }),
  subaccountLimits: whole('subaccount_limits', 'admin', [0, 100_000], { of: 'main' }),

  taskOverTimeSec: setting('task_over_time_sec', [0, MOST_OVER_TIME_SEC]),
  singleNodeRenderFrames: setting('single_node_render_frames', [1, 10_000]),
  maxIgnoreMapFlag: setting('max_ignore_map_flag'),
  ignoreMapFlag: setting('ignore_map_flag'),
  autoCommit: setting('auto_commit', [1, 2]),
  mifileSwitchFlag: setting('mifile_switch_flag'),
  assfileSwitchFlag: setting('assfile_switch_flag'),
  manuallyStartAnalysisFlag: setting('manually_start_analysis_flag'),
  isVrayLicense: setting('is_vray_license'),
  justUploadConfigFlag: setting('just_upload_config_flag'),
  justUploadCgFlag: setting('just_upload_cg_flag'),
  mandatoryAnalyseAllAgent: setting('mandatory_analyse_all_agent'),

  infoStatus: whole('info_status', 'admin', [0, 100]),
  softType: whole('soft_type', 'self', [0, 1_000_000]),
  softStatus: truth('soft_status', 'admin'),
  businessType: whole('business_type', 'admin', [0, 100]),
  userType: whole('user_type', 'admin', [0, 100]),
  useLevelDirectory: truth('use_level_directory', 'admin'),
} as const satisfies Record<string, AccountField>;

export type AccountFieldName = keyof typeof ACCOUNT_FIELDS;
export type AccountFacts = { readonly [Name in AccountFieldName]: AccountValue };

export const ACCOUNT_FIELD_NAMES = Object.keys(ACCOUNT_FIELDS) as AccountFieldName[];

export function accountField(fieldName: string): AccountField {
  if (!Object.hasOwn(ACCOUNT_FIELDS, fieldName))
    throw farmErrors.FARM_INVALID(`an account has no setting "${fieldName.slice(0, 100)}"`);
  return ACCOUNT_FIELDS[fieldName as AccountFieldName];
}

/** The changes as columns. FARM_ACCOUNT_NAME, FARM_ACCOUNT_EMAIL or FARM_INVALID for the first that is not allowed. */
export function columnsOf(changes: Readonly<Record<string, AccountValue>>): Record<string, AccountValue> {
  const columns: Record<string, AccountValue> = {};
  for (const [fieldName, value] of Object.entries(changes)) {
    const field = accountField(fieldName);
    const read = field.read(value);
    if (read === undefined) throw refusalOf(field)(`${fieldName} must be ${field.allowed}`);
    columns[field.column] = read;
  }
  return columns;
}

/** The API has codes of its own for these two. */
function refusalOf({ column }: AccountField) {
  if (column === 'name') return farmErrors.FARM_ACCOUNT_NAME;
  return column === 'email' ? farmErrors.FARM_ACCOUNT_EMAIL : farmErrors.FARM_INVALID;
}

/** Every field of the account; its settings come from `settings`, which may be another account's row. */
export function factsOf(row: AccountRow, settings: AccountRow = row): AccountFacts {
  const facts: Record<string, AccountValue> = {};
  for (const fieldName of ACCOUNT_FIELD_NAMES) {
    const field: AccountField = ACCOUNT_FIELDS[fieldName];
    facts[fieldName] = (field.isSetting ? settings : row)[field.column];
  }
  return facts as AccountFacts;
}
