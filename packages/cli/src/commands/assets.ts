import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const assets: CommandSpec = {
  usage: 'assets <action> <path>',
  group: 'Farm',
  summary: 'take uploaded files off the farm: croft assets delete PATH',
  details:
    'The path is that of the input storage, as upload.json has it; a folder means all below it, "/" everything. Tasks that were submitted keep what they froze. A sub-account needs subDeleteCapital.',
  options: FARM_OPTIONS,
  examples: [['croft assets delete /D/old-project', 'take the files of a project off the farm']],
  exits: [[6, 'this account may not delete assets']],
  async run(context, line) {
    if (line.arg(0) !== 'delete') {
      const { cliErrors } = await import('../errors.ts');
      throw cliErrors.CLI_USAGE(`there is no action ${JSON.stringify(line.arg(0))}`, {
        hint: 'Write "croft assets delete PATH".',
      });
    }
    const path = line.arg(1);
    const { withAccounts } = await import('../farm-process/accounts-client.ts');
    const deleted = await withAccounts(context, line, (accounts) => accounts.deleteAssets(path));
    const { formatFiles } = await import('../format.ts');
    context.printer.result({ path, deleted }, () =>
      deleted === 0 ? `there is nothing at ${path}` : `deleted ${formatFiles(deleted)}`,
    );
    return undefined;
  },
};
