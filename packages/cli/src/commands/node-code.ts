import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const nodeCode: CommandSpec = {
  usage: 'node-code',
  group: 'Farm',
  summary: 'print a code with which one more machine can join the farm',
  options: FARM_OPTIONS,
  examples: [['croft node-code', 'then, on the other machine: croft node --server URL --code CODE']],
  async run(context) {
    const session = await context.session();
    const made = await session.native.createNodeCode();
    const { formatTime } = await import('../format.ts');
    const { isThisMachine, urlForOthers } = await import('../told-url.ts');
    const url = urlForOthers(session.connection.url, made.url);
    if (isThisMachine(url))
      context.printer.warn(
        'the farm listens for this machine alone; "croft up --host 0.0.0.0" lets others join',
      );
    context.printer.result({ ...made, url }, () =>
      [
        made.code,
        `good once, until ${formatTime(made.expiresAt)}; on the other machine: croft node --server ${url} --code ${made.code}`,
      ].join('\n'),
    );
    return undefined;
  },
};
