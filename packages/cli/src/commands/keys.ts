/** `croft keys`: access keys are made, listed, rotated and disabled. */
import type { AccountsClient } from '@croft/sdk';
import type { CommandLine, CommandSpec } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

type Action = (accounts: AccountsClient, line: CommandLine, context: CommandContext) => Promise<void>;

const RIGHTS = ['read', 'submit', 'full'] as const;
const MOST_GRACE_HOURS = 30 * 24;
const DEFAULT_GRACE_HOURS = 24;

async function accountIdOf(accounts: AccountsClient, line: CommandLine): Promise<number | undefined> {
  const wanted = line.text('account');
  if (wanted === undefined) return undefined;
  const { findAccount } = await import('./find-account.ts');
  return (await findAccount(accounts, wanted)).accountId;
}

function asSecret(made: { accessId: string; accessKey: string; accountId: number }, more: string): string {
  return [
    `CROFT_ACCESS_ID=${made.accessId}`,
    `CROFT_ACCESS_KEY=${made.accessKey}`,
    `# of account ${made.accountId}; the secret is shown this once${more}`,
  ].join('\n');
}

const ACTIONS: Readonly<Record<string, Action>> = {
  async create(accounts, line, { printer }) {
    const wanted = line.text('rights') ?? 'full';
    const rights = RIGHTS.find((one) => one === wanted);
    if (rights === undefined) {
      const { cliErrors } = await import('../errors.ts');
      throw cliErrors.CLI_USAGE(`--rights is one of ${RIGHTS.join(', ')}`);
    }
    const accountId = await accountIdOf(accounts, line);
    const name = line.text('name') ?? 'croft keys create';
    const made = await accounts.createKey({
      name,
      rights,
      ...(accountId === undefined ? {} : { accountId }),
    });
    printer.result(made, () => asSecret(made, ''));
  },
  async list(accounts, line, { printer }) {
    const keys = await accounts.keys(await accountIdOf(accounts, line));
    const { formatTable, formatTime } = await import('../format.ts');
    printer.result({ items: keys, total: keys.length }, () =>
      formatTable(
        ['access id', 'name', 'rights', 'made', 'old secret until', 'disabled'],
        keys.map((key) => [
          key.accessId,
          key.name,
          key.rights,
          formatTime(key.createdAt),
          formatTime(key.previousUntil),
          formatTime(key.disabledAt),
        ]),
      ),
    );
  },
  async rotate(accounts, line, { printer }) {
    const graceHours = line.integer('graceHours', 0, MOST_GRACE_HOURS) ?? DEFAULT_GRACE_HOURS;
    const made = await accounts.rotateKey(await accessIdOf(line), graceHours);
    const { formatTime } = await import('../format.ts');
    const until =
      made.previousUntil === null
        ? '; the old one ended'
        : `; the old one works until ${formatTime(made.previousUntil)}`;
    printer.result(made, () => asSecret(made, until));
  },
  async disable(accounts, line, { printer }) {
    const accessId = await accessIdOf(line);
    await accounts.disableKey(accessId);
    printer.result({ accessId, done: 'disabled' }, () => `disabled ${accessId}`);
  },
};

async function accessIdOf(line: CommandLine): Promise<string> {
  const accessId = line.arg(1);
  if (accessId !== '') return accessId;
  const { cliErrors } = await import('../errors.ts');
  throw cliErrors.CLI_USAGE('name the access id of the key; "croft keys list" shows them');
}

export const keys: CommandSpec = {
  usage: 'keys <action> [key]',
  group: 'Farm',
  summary: 'access keys for the API: croft keys create|list|rotate|disable',
  details:
    'A secret is shown once, when it is made. A key with the rights "read" looks, with "submit" it also uploads and submits tasks, with "full" it may do all that its account may. Rotating gives a key a new secret; the old one works on for the hours of grace. With --home it works on the farm of that folder, whether it runs or not; with --server, or without both, on a running farm.',
  options: [
    ['--name <name>', 'what a new key is for (default: croft keys create)'],
    ['--account <account>', 'whose keys, by name or id (default: yours)'],
    ['--rights <rights>', 'read, submit or full (default: full)'],
    ['--grace-hours <hours>', 'how long the old secret works on, 0 to 720 (default: 24)'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft keys create', 'a key of the farm on this machine'],
    ['croft keys create --account ada --rights submit', 'a key for ada that renders and deletes nothing'],
    ['croft keys create --home /data/farm --json', 'as JSON: accessId, accessKey, accountId'],
    ['croft keys list --account ada', 'keys of ada, without their secrets'],
    ['croft keys rotate 3fA… --grace-hours 2', 'a new secret; the old one works two hours more'],
    ['croft keys disable 3fA…', 'end a key at once'],
  ],
  exits: [
    [5, 'the farm cannot be reached'],
    [8, 'there is no such key or account'],
  ],
  async run(context, line) {
    const action = Object.hasOwn(ACTIONS, line.arg(0)) ? ACTIONS[line.arg(0)] : undefined;
    if (action === undefined) {
      const { cliErrors } = await import('../errors.ts');
      throw cliErrors.CLI_USAGE(`there is no action ${JSON.stringify(line.arg(0))}`, {
        hint: 'Write "croft keys create", list, rotate or disable.',
      });
    }
    const { withAccounts } = await import('../farm-process/accounts-client.ts');
    await withAccounts(context, line, (accounts) => action(accounts, line, context));
    return undefined;
  },
};
