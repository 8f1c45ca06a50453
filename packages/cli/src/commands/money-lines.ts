/** What `croft money` reads from the command line, and what it prints. */
import {
  HOUR,
  type MoneyStanding,
  type NewPackage,
  type NewPrice,
  type NewVoucher,
  type Page,
  PRICE_UNITS,
  type PriceRow,
  type StatementLine,
} from '@croft/contract';
import type { CommandLine } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { formatTable, formatTime, safeText } from '../format.ts';

/** A hundred years. */
const MOST_HOURS = 876_000;

export function usage(message: string, hint?: string): Error {
  return hint === undefined ? cliErrors.CLI_USAGE(message) : cliErrors.CLI_USAGE(message, { hint });
}

/** A positional id. */
export function idWord(line: CommandLine, index: number, what: string): number {
  const word = line.arg(index);
  if (!/^[1-9]\d{0,15}$/.test(word))
    throw usage(`name ${what} by its id, not ${JSON.stringify(word.slice(0, 40))}`);
  return Number(word);
}

/** Reference and note of a movement. */
export function wordsOf(line: CommandLine): { reference?: string; note?: string } {
  const reference = line.text('reference');
  const note = line.text('note');
  return { ...(reference === undefined ? {} : { reference }), ...(note === undefined ? {} : { note }) };
}

export function priceOf(line: CommandLine): NewPrice {
  const per = PRICE_UNITS.find((unit) => unit === (line.text('per') ?? 'node-hour'));
  if (per === undefined) throw usage(`--per is one of ${PRICE_UNITS.join(', ')}`);
  const machine = line.text('machine') ?? '';
  if (machine !== '' && machine !== 'cpu' && machine !== 'gpu') throw usage('--machine is cpu or gpu');
  const fromAt = timeOf(line, 'from');
  return {
    amount: line.arg(1),
    per,
    machine,
    model: line.text('model') ?? '',
    platform: line.integer('platform', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    ...(fromAt === undefined ? {} : { fromAt }),
  };
}

export function voucherOf(line: CommandLine): NewVoucher {
  return {
    amount: line.arg(2),
    company: line.flag('company'),
    expiresAt: timeOf(line, 'until') ?? null,
    ...wordsOf(line),
  };
}

export function packageOf(line: CommandLine): NewPackage {
  const startsAt = timeOf(line, 'from');
  return {
    name: line.required('name'),
    paid: line.text('paid') ?? '0',
    fromBalance: line.flag('fromBalance'),
    ...(startsAt === undefined ? {} : { startsAt }),
    endsAt: timeOf(line, 'until') ?? null,
    covers: coversOf(line),
    ...wordsOf(line),
  };
}

function coversOf(line: CommandLine): NewPackage['covers'] {
  const catalogueId = line.integer('nodes', 1, Number.MAX_SAFE_INTEGER);
  const project = line.text('project');
  const amount = line.text('amount');
  const hours = line.integer('hours', 1, MOST_HOURS);
  if (catalogueId !== undefined && project === undefined && amount === undefined && hours === undefined)
    return { kind: 'machine', catalogueId };
  if (catalogueId === undefined && project !== undefined) {
    if (amount !== undefined && hours === undefined) return { kind: 'project', project, amount };
    if (amount === undefined && hours !== undefined)
      return { kind: 'project', project, timeMs: hours * HOUR };
  }
  throw usage('a package is of --nodes, or of --project with --amount or --hours');
}

/** A local day or time as ISO writes it. */
function timeOf(line: CommandLine, name: string): number | undefined {
  const text = line.text(name);
  if (text === undefined) return undefined;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const time =
    isDay || /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)
      ? Date.parse(isDay ? `${text}T00:00` : text)
      : Number.NaN;
  if (Number.isNaN(time)) throw usage(`--${name} is a time like 2026-12-01 or 2026-12-01T08:00`);
  return time;
}

export function printPrices(prices: readonly PriceRow[], { printer }: CommandContext): void {
  printer.result({ items: prices, total: prices.length }, () =>
    prices.length === 0
      ? 'no prices: the farm charges nothing'
      : formatTable(
          ['id', 'price', 'per', 'nodes', 'model', 'platform', 'from'],
          prices.map((price) => [
            String(price.id),
            price.amount,
            price.per,
            price.machine || 'all',
            price.model || 'any',
            price.platform === 0 ? 'all' : String(price.platform),
            formatTime(price.fromAt),
          ]),
        ),
  );
}

export function standingLines(standing: MoneyStanding): string {
  const { accountId, currency, balance, arrears, credit, spendLimit, limitSpent } = standing;
  const vouchers = standing.vouchers.filter(({ endedAt }) => endedAt === null);
  const packages = standing.packages.filter(({ endedAt }) => endedAt === null);
  return [
    `account ${accountId}: ${balance} ${currency}, owes ${arrears}, credit ${credit}`,
    ...(spendLimit === null ? [] : [`  limit ${spendLimit}, of which ${limitSpent} is spent`]),
    ...vouchers.map(
      ({ id, left, amount, company, expiresAt }) =>
        `  voucher ${id}: ${left} of ${amount}${company ? ', for the team' : ''}${expiresAt === null ? '' : `, until ${formatTime(expiresAt)}`}`,
    ),
    ...packages.map(
      ({ id, name, kind, project, catalogueId, left, timeLeftMs, endsAt }) =>
        `  package ${id} ${safeText(name)}: ${
          kind === 'machine'
            ? `nodes of package ${catalogueId}`
            : `project ${safeText(project)}, ${timeLeftMs === null ? left : `${(timeLeftMs / HOUR).toFixed(1)} node hours`} left`
        }${endsAt === null ? '' : `, until ${formatTime(endsAt)}`}`,
    ),
  ].join('\n');
}

export function printStatement(page: Page<StatementLine>, { printer }: CommandContext): void {
  printer.result(page, () =>
    page.items.length === 0
      ? 'nothing has moved'
      : formatTable(
          ['when', 'what', 'task', 'frame', 'balance', 'vouchers', 'packages', 'owed', 'note'],
          page.items.map((line) => [
            formatTime(line.at),
            line.kind,
            line.taskId === null ? '-' : String(line.taskId),
            line.frameId === null ? '-' : String(line.frameId),
            line.balance,
            line.vouchers,
            line.packages,
            line.arrears,
            [line.reference, line.note].filter(Boolean).join(': '),
          ]),
        ),
  );
}
