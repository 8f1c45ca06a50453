/** Commands about who may come in: links, passwords, addresses. */
import type { CommandSpec, OptionSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

const ACCOUNT: OptionSpec = [
  '--account <name>',
  'another account than that of the key; for administrators and main accounts',
];

export const signIn: CommandSpec = {
  usage: 'sign-in',
  group: 'Farm',
  summary: 'print a link that signs one browser in, once',
  details: 'The link is good for ten minutes. The farm goes on running; nothing else changes.',
  options: [ACCOUNT, ...FARM_OPTIONS],
  examples: [
    ['croft sign-in', 'a link for the farm of this machine'],
    ['croft sign-in --account eve', 'one for eve, to send to her'],
  ],
  async run(context, line) {
    const session = await context.session();
    const { nativeSignIn } = await import('@croft/sdk');
    const { isThisMachine } = await import('../told-url.ts');
    const made = await nativeSignIn(session.native).createSignInCode(line.text('account'));
    const here = session.connection.url;
    const link = (url: string) => `${url}/#code=${made.code}`;
    const elsewhere = isThisMachine(here) && made.url !== null ? link(made.url) : null;
    const result = {
      signInUrl: link(here),
      ...(elsewhere === null ? {} : { signInUrlElsewhere: elsewhere }),
    };
    context.printer.result(result, () =>
      [
        result.signInUrl,
        ...(elsewhere === null ? [] : [`on another machine: ${elsewhere}`]),
        'good once, for ten minutes',
      ].join('\n'),
    );
    return undefined;
  },
};

export const password: CommandSpec = {
  usage: 'password',
  group: 'Farm',
  summary: 'set the password with which an account signs in at the page',
  details:
    'Asks for the password without showing it, or reads it from stdin. Other sessions of the account end, and an account that was locked by wrong passwords is open again. Works on a running farm with an administrator’s key and, on the farm’s machine, on one that does not run.',
  options: [ACCOUNT, ['--none', 'take the password away: only links and keys let in'], ...FARM_OPTIONS],
  examples: [
    ['croft password', 'for the account of the key, which is "admin" on a new farm'],
    ['croft password --account eve < file', 'from the first line of a file'],
  ],
  async run(context, line) {
    const account = line.text('account');
    const { askSecret } = await import('../ask-secret.ts');
    const isGone = line.flag('none');
    const secret = isGone ? null : await askSecret('new password', context);
    if (secret !== null && context.input.isTTY) {
      const again = await askSecret('the same again', context);
      const { cliErrors } = await import('../errors.ts');
      if (again !== secret) throw cliErrors.CLI_USAGE('the two are not the same; nothing was changed');
    }
    const { withSignIn } = await import('../farm-process/sign-in-calls.ts');
    const wish = { password: secret, ...(account === undefined ? {} : { account }) };
    await withSignIn(context, line.text('server') === undefined, (client) => client.setPassword(wish));
    context.printer.result({ hasPassword: !isGone }, () =>
      isGone ? 'the password is gone' : 'the password is set',
    );
    return undefined;
  },
};

export const allowFrom: CommandSpec = {
  usage: 'allow-from [addresses...]',
  group: 'Farm',
  summary: 'say from which addresses an account may be used',
  details:
    'Holds for passwords, links, sessions, keys and transfers of the account, and for its sub-accounts without a list of their own; others get 812. Without addresses it shows the list. Works also on the farm’s machine while the farm does not run.',
  options: [ACCOUNT, ['--all', 'take the list away: all addresses'], ...FARM_OPTIONS],
  examples: [
    ['croft allow-from 127.0.0.1 10.0.0.0/8', 'this machine and the office'],
    ['croft allow-from --account eve --all', 'eve may come from anywhere'],
  ],
  async run(context, line) {
    const account = line.text('account');
    const { withSignIn } = await import('../farm-process/sign-in-calls.ts');
    const isAll = line.flag('all');
    const list = await withSignIn(context, line.text('server') === undefined, (client) =>
      isAll || line.args.length > 0
        ? client.setAddressRule(isAll ? [] : line.args, account)
        : client.addressRule(account),
    );
    context.printer.result({ allow: list }, () => (list.length === 0 ? 'all addresses' : list.join('\n')));
    return undefined;
  },
};
