/** `croft money`: prices, balances, vouchers, packages, refunds and statements, by a table of actions. */
import type { MoneyClient } from '@croft/sdk';
import type { CommandLine, CommandSpec } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

/** What an action works with. */
interface Work {
  readonly money: MoneyClient;
  readonly line: CommandLine;
  readonly context: CommandContext;
  /** The account that a word names, by name or id. */
  accountId(word: string): Promise<number>;
}

type Action = (work: Work) => Promise<void>;

/** Loaded when used: what is heavy stays out of `croft --help`. */
const lines = () => import('./money-lines.ts');

/** An action on the account that the next word names, which prints how the account stands then. */
function changing(change: (work: Work, accountId: number) => ReturnType<MoneyClient['standing']>): Action {
  return async (work) => {
    const { standingLines } = await lines();
    const standing = await change(work, await work.accountId(work.line.arg(1)));
    work.context.printer.result(standing, () => standingLines(standing));
  };
}

function ending(
  things: 'voucher' | 'package',
  end: (money: MoneyClient, id: number) => Promise<void>,
): Action {
  return async ({ money, line, context }) => {
    const { idWord } = await lines();
    const id = idWord(line, 1, `the ${things}`);
    await end(money, id);
    context.printer.result({ id, done: 'ended' }, () => `ended ${things} ${id}`);
  };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  async prices({ money, context }) {
    const { printPrices } = await lines();
    printPrices(await money.prices(), context);
  },
  async price({ money, line, context }) {
    const { printPrices, priceOf } = await lines();
    printPrices(await money.setPrice(priceOf(line)), context);
  },
  async 'remove-price'({ money, line, context }) {
    const { idWord, printPrices } = await lines();
    printPrices(await money.removePrice(idWord(line, 1, 'the price')), context);
  },
  async currency({ money, line, context }) {
    const currency = line.arg(1).toUpperCase();
    await money.setCurrency(currency);
    context.printer.result({ currency }, () => `amounts are in ${currency}`);
  },
  show: changing(({ money }, accountId) => money.standing(accountId)),
  async statement({ money, line, context, accountId }) {
    const { printStatement } = await lines();
    const page = line.integer('page', 1, Number.MAX_SAFE_INTEGER) ?? 1;
    const size = line.integer('size', 1, 1000) ?? 50;
    printStatement(await money.statement(await accountId(line.arg(1)), page, size), context);
  },
  'top-up': changing(async ({ money, line }, accountId) =>
    money.topUp(accountId, { amount: line.arg(2), ...(await lines()).wordsOf(line) }),
  ),
  'pay-out': changing(async ({ money, line }, accountId) =>
    money.payOut(accountId, { amount: line.arg(2), ...(await lines()).wordsOf(line) }),
  ),
  credit: changing(({ money, line }, accountId) => money.setCredit(accountId, line.arg(2))),
  limit: changing(({ money, line }, accountId) =>
    money.setLimit(accountId, line.arg(2) === 'none' ? null : line.arg(2)),
  ),
  voucher: changing(async ({ money, line }, accountId) =>
    money.grantVoucher(accountId, (await lines()).voucherOf(line)),
  ),
  package: changing(async ({ money, line }, accountId) =>
    money.sellPackage(accountId, (await lines()).packageOf(line)),
  ),
  'end-voucher': ending('voucher', (money, id) => money.endVoucher(id)),
  'end-package': ending('package', (money, id) => money.endPackage(id)),
  async refund({ money, line, context }) {
    const { idWord } = await lines();
    const frameId = idWord(line, 1, 'the frame');
    const refunded = await money.refundFrame(frameId, line.text('note'));
    context.printer.result({ frameId, refunded }, () => `gave back ${refunded} for frame ${frameId}`);
  },
};

export const money: CommandSpec = {
  usage: 'money <action> [words...]',
  group: 'Farm',
  summary: 'prices and balances: croft money prices|price|top-up|voucher|package|refund|show|statement|…',
  details:
    'A farm without prices charges nothing and never stops a task. "price AMOUNT" sets one; from then on accounts need a balance, a credit, a voucher or a package, or their tasks stop (status 20) until they have one. Accounts are named by name or id, amounts written like 12 or 0.67. Actions: prices, price AMOUNT, remove-price ID, currency CODE; show, statement ACCOUNT; top-up, pay-out, credit, voucher ACCOUNT AMOUNT; limit ACCOUNT AMOUNT|none; package ACCOUNT; end-voucher, end-package ID; refund FRAME. docs/money.md tells it all.',
  options: [
    ['--per <unit>', 'a price: per node-hour (default), core-hour or gpu-hour'],
    ['--machine <kind>', 'a price: of nodes without (cpu) or with (gpu) graphics cards only'],
    ['--model <text>', 'a price: of nodes whose CPU or GPU is called so only'],
    ['--platform <id>', 'a price: of tasks of this platform only'],
    [
      '--from <time>',
      'a price or package: from when it holds (2026-12-01 or 2026-12-01T08:00); now without it',
    ],
    ['--until <time>', 'a voucher or package: when it ends'],
    ['--company', 'a voucher: pays for the whole team of a main account'],
    ['--name <text>', 'a package: what it is called'],
    ['--paid <amount>', 'a package: what its user pays (default 0)'],
    ['--from-balance', 'a package: the balance pays'],
    ['--nodes <id>', 'a package: nodes that catalogue.json declares as a package of that id'],
    ['--project <name>', 'a package: for tasks of this project'],
    ['--amount <amount>', 'a package of a project: what it prepays'],
    ['--hours <number>', 'a package of a project: node hours that it prepays'],
    ['--reference <text>', 'a name for the movement; the same one twice is booked once'],
    ['--note <text>', 'a remark in the statement'],
    ['--page <number>', 'page of the statement, from 1'],
    ['--size <number>', 'movements a page (default 50)'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft money price 1.20 --per node-hour', 'a node costs 1.20 an hour, from now on'],
    ['croft money price 0.05 --per core-hour --machine cpu', 'nodes without GPUs by their threads'],
    ['croft money top-up ada 100 --reference invoice-17', 'put 100 in; running it twice does no harm'],
    [
      'croft money voucher ada 20 --until 2026-12-31',
      'spent before the balance, gone at the end of the year',
    ],
    ['croft money package ada --name film --project film --amount 500 --paid 450', 'a prepaid project'],
    ['croft money statement ada --json', 'what moved, newest first'],
  ],
  exits: [
    [5, 'the farm cannot be reached'],
    [6, 'you are no administrator, or it is not your account'],
    [8, 'there is no such account, price, voucher, package or frame'],
  ],
  async run(context, line) {
    const { usage } = await lines();
    const action = Object.hasOwn(ACTIONS, line.arg(0)) ? ACTIONS[line.arg(0)] : undefined;
    if (action === undefined)
      throw usage(
        `there is no action ${JSON.stringify(line.arg(0))}`,
        `Write "croft money ${Object.keys(ACTIONS).join('|')}".`,
      );
    const [{ nativeAccounts, nativeMoney }, { findAccount }] = await Promise.all([
      import('@croft/sdk'),
      import('./find-account.ts'),
    ]);
    const { native } = await context.session();
    await action({
      money: nativeMoney(native),
      line,
      context,
      async accountId(word) {
        if (word === '') throw usage('name an account, by its name or id');
        return (await findAccount(nativeAccounts(native), word)).accountId;
      },
    });
    return undefined;
  },
};
