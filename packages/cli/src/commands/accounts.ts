/** `croft accounts`: sub-accounts, what they may, and who of a team sees, controls and downloads whose tasks. */
import type { AccountDetail, TeamRightRow } from '@croft/contract';
import type { AccountAct, AccountsClient } from '@croft/sdk';
import type { CommandLine, CommandSpec } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

type Action = (accounts: AccountsClient, line: CommandLine, context: CommandContext) => Promise<void>;

const EVERYBODY = 'all';
const TEAM_RIGHTS = ['see', 'control', 'download'] as const;

async function usage(message: string, hint?: string): Promise<Error> {
  const { cliErrors } = await import('../errors.ts');
  return cliErrors.CLI_USAGE(message, { hint });
}

async function idOf(accounts: AccountsClient, wanted: string): Promise<number> {
  if (wanted === '')
    throw await usage('name an account, by its name or id', '"croft accounts list" shows them.');
  const { findAccount } = await import('./find-account.ts');
  return (await findAccount(accounts, wanted)).accountId;
}

/** `field=value` words as fields; the farm checks what they may be. */
async function fieldsOf(words: readonly string[]): Promise<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1)
      throw await usage(
        `${JSON.stringify(word.slice(0, 100))} is not field=value`,
        'For example downloadDisable=1.',
      );
    fields[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return fields;
}

interface Words {
  safeText(text: string): string;
  formatTime(at: number): string;
}

/** `only`: the fields to show, where not all are. */
function shown(account: AccountDetail, { safeText, formatTime }: Words, only?: readonly string[]): string {
  const kind = account.mainAccountId === 0 ? 'main account' : `sub-account of ${account.mainAccountId}`;
  const head = `account ${account.accountId}  ${safeText(account.name)}  ${kind}, ${account.role}${account.isDisabled ? ', disabled' : ''}`;
  const rows = Object.entries(account.fields)
    .filter(([field]) => field !== 'name' && (only === undefined || only.includes(field)))
    .map(([field, value]) => {
      const isTime = field === 'endsAt' && typeof value === 'number';
      return `  ${field} = ${isTime ? formatTime(value) : safeText(String(value ?? ''))}`;
    });
  return [head, ...rows].join('\n');
}

/** All fields, or `only` those that were just given; as JSON always all. */
async function print(
  account: AccountDetail,
  { printer }: CommandContext,
  only?: readonly string[],
): Promise<void> {
  const words = await import('../format.ts');
  printer.result(account, () => shown(account, words, only));
}

function acting(act: AccountAct, past: string): Action {
  return async (accounts, line, { printer }) => {
    const accountId = await idOf(accounts, line.arg(1));
    await accounts.act(accountId, act);
    printer.result({ accountId, done: past }, () => `${past} account ${accountId}`);
  };
}

async function teamRight(accounts: AccountsClient, words: readonly string[]): Promise<TeamRightRow> {
  const [member = '', owner = '', rights = ''] = words;
  const given = rights === 'none' ? [] : rights.split(',');
  const unknown = given.find((word) => !TEAM_RIGHTS.some((right) => right === word));
  if (unknown !== undefined)
    throw await usage(
      'rights are see, control, download, several with commas, or none',
      'For example: croft accounts team ada bob see,download',
    );
  return {
    memberId: await idOf(accounts, member),
    ownerId: owner === EVERYBODY ? null : await idOf(accounts, owner),
    see: given.length > 0,
    control: given.includes('control'),
    download: given.includes('download'),
  };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  async list(accounts, _line, { printer }) {
    const rows = await accounts.list();
    const { formatTable, formatTime } = await import('../format.ts');
    const nameOf = new Map(rows.map(({ accountId, name }) => [accountId, name]));
    printer.result({ items: rows, total: rows.length }, () =>
      formatTable(
        ['id', 'name', 'of', 'role', 'e-mail', 'made', ''],
        rows.map((row) => [
          String(row.accountId),
          row.name,
          row.mainAccountId === 0 ? '-' : (nameOf.get(row.mainAccountId) ?? String(row.mainAccountId)),
          row.role,
          row.email,
          formatTime(row.createdAt),
          row.isDisabled ? 'disabled' : '',
        ]),
      ),
    );
  },
  async create(accounts, line, context) {
    if (line.arg(1) === '')
      throw await usage('name the new account', 'For example: croft accounts create ada');
    const fields = await fieldsOf(line.args.slice(2));
    const main = line.text('of');
    const account = await accounts.create({
      name: line.arg(1),
      ...(line.flag('main') ? { mainAccountId: 0 } : {}),
      ...(main === undefined ? {} : { mainAccountId: await idOf(accounts, main) }),
      ...(line.flag('admin') ? { role: 'admin' } : {}),
      fields,
    });
    await print(account, context, Object.keys(fields));
  },
  async show(accounts, line, context) {
    await print(await accounts.show(await idOf(accounts, line.arg(1))), context);
  },
  async set(accounts, line, context) {
    const fields = await fieldsOf(line.args.slice(2));
    if (Object.keys(fields).length === 0)
      throw await usage(
        'name what to change, as field=value',
        'For example downloadDisable=1; "croft accounts show NAME" lists all fields.',
      );
    const changed = await accounts.change(await idOf(accounts, line.arg(1)), fields);
    await print(changed, context, Object.keys(fields));
  },
  disable: acting('disable', 'disabled'),
  enable: acting('enable', 'enabled'),
  delete: acting('delete', 'deleted'),
  async team(accounts, line, { printer }) {
    const words = line.args.slice(1);
    const rights =
      words.length === 0 ? await accounts.team() : await accounts.setTeam(await teamRight(accounts, words));
    const { formatTable } = await import('../format.ts');
    const nameOf = new Map((await accounts.list()).map(({ accountId, name }) => [accountId, name]));
    const named = (accountId: number) => nameOf.get(accountId) ?? String(accountId);
    printer.result({ items: rights, total: rights.length }, () =>
      rights.length === 0
        ? 'nobody has rights to tasks of colleagues'
        : formatTable(
            ['member', 'tasks of', 'may'],
            rights.map((right) => [
              named(right.memberId),
              right.ownerId === null ? EVERYBODY : named(right.ownerId),
              TEAM_RIGHTS.filter((name) => right[name]).join(', ') || 'nothing',
            ]),
          ),
    );
  },
};

export const accounts: CommandSpec = {
  usage: 'accounts <action> [words...]',
  group: 'Farm',
  summary: 'accounts and teams: croft accounts list|create|show|set|disable|enable|delete|team',
  details:
    'A main account makes sub-accounts of its own; administrators make and manage all. An account is named by its name or id, its fields as field=value: docs/accounts.md has them all. "team MEMBER OWNER RIGHTS" says what a sub-account may do with the tasks of a colleague, or of "all": see, control, download, or none. With --home it works on the farm of that folder, whether it runs or not.',
  options: [
    ['--of <account>', 'main account of a new sub-account (default: yours)'],
    ['--main', 'make a main account'],
    ['--admin', 'make an administrator'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft accounts list', 'accounts that you manage'],
    [
      'croft accounts create ada email=ada@example.org shareMainCapital=1',
      'a sub-account that uses your assets',
    ],
    ['croft accounts set ada downloadDisable=1 hideBalance=1', 'ada downloads nothing and sees no amounts'],
    ['croft accounts team ada bob see,download', 'ada sees the tasks of bob and downloads from them'],
    ['croft accounts team ada all none', 'and nothing of the others'],
    ['croft accounts disable ada', 'ada gets in no more; her tasks go on'],
  ],
  exits: [
    [5, 'the farm cannot be reached'],
    [6, 'you do not manage this account, or it has tasks, debts or a balance'],
    [8, 'there is no such account'],
  ],
  async run(context, line) {
    const action = Object.hasOwn(ACTIONS, line.arg(0)) ? ACTIONS[line.arg(0)] : undefined;
    if (action === undefined)
      throw await usage(
        `there is no action ${JSON.stringify(line.arg(0))}`,
        `Write "croft accounts ${Object.keys(ACTIONS).join('|')}".`,
      );
    const { withAccounts } = await import('../farm-process/accounts-client.ts');
    await withAccounts(context, line, (client) => action(client, line, context));
    return undefined;
  },
};
