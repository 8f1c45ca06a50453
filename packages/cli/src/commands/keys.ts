import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const keys: CommandSpec = {
  usage: 'keys <action>',
  group: 'Farm',
  summary: 'make an access key for the API: croft keys create',
  details:
    'The secret is shown this once. With --home it works on the farm of that folder, whether it runs or not; with --server, or without both, on a running farm.',
  options: [['--name <name>', 'what the key is for (default: croft keys create)'], ...FARM_OPTIONS],
  examples: [
    ['croft keys create', 'a key of the farm on this machine'],
    ['croft keys create --home /data/farm --json', 'as JSON: accessId, accessKey, accountId'],
  ],
  exits: [[5, 'the farm cannot be reached']],
  async run(context, line) {
    if (line.arg(0) !== 'create') {
      const { cliErrors } = await import('../errors.ts');
      throw cliErrors.CLI_USAGE(`there is no action ${JSON.stringify(line.arg(0))}`, {
        hint: 'Write "croft keys create".',
      });
    }
    const name = line.text('name') ?? 'croft keys create';
    const { createKey } = await import('../farm-process/create-key.ts');
    const made = await createKey(
      context,
      name,
      line.text('server') === undefined && line.text('home') !== undefined,
    );
    context.printer.result(made, () =>
      [
        `CROFT_ACCESS_ID=${made.accessId}`,
        `CROFT_ACCESS_KEY=${made.accessKey}`,
        `of account ${made.accountId}; the secret is shown this once`,
      ].join('\n'),
    );
    return undefined;
  },
};
