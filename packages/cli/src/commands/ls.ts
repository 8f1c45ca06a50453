import type { FileList } from '@croft/contract';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

const ROWS_AT_ONCE = 200;

export const ls: CommandSpec = {
  usage: 'ls [path]',
  group: 'Look',
  summary: 'list what is stored on the farm, with sizes and times',
  details:
    'Without a path the whole storage, one folder deep; a folder has the sum of all below it and the time of its newest file. Paths are those of upload.json (/home/ada/shot) and of outputs (/1024_shot/0001.png).',
  options: [
    ['--root <storage>', 'input, output or config (default: input)'],
    ['--task <id>', 'the outputs of this task; the path is then below its own folder'],
    ['--limit <n>', `rows at most, from 1 to 100000 (default: ${ROWS_AT_ONCE})`],
    ['--after <name>', 'go on after this name, as the last listing said'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft ls', 'your uploaded files, by folder'],
    ['croft ls /home/ada/shot --limit 5000', 'one folder of them'],
    ['croft ls --task 1024', 'the frames of task 1024'],
    ['croft ls --root output --json', 'what your tasks rendered, for a script'],
  ],
  exits: [[8, 'there is nothing at or below the path, or no such task']],
  async run(context, line) {
    const wish = {
      ...(line.text('task') === undefined
        ? { root: await rootOf(line.text('root') ?? 'input') }
        : { taskId: line.integer('task', 1, Number.MAX_SAFE_INTEGER) ?? 0 }),
      path: line.arg(0) || '/',
    };
    const limit = line.integer('limit', 1, 100_000) ?? ROWS_AT_ONCE;
    const [session, { nativeFiles }] = await Promise.all([context.session(), import('@croft/sdk')]);
    const files = nativeFiles(session.native);
    const items: FileList['items'] = [];
    let after = line.text('after') ?? '';
    for (;;) {
      const page = await files.folder({ ...wish, after, limit: Math.min(1000, limit - items.length) });
      items.push(...page.items);
      after = page.next ?? '';
      if (page.next !== null && items.length < limit) continue;
      const { shownList } = await import('../list-text.ts');
      const listed = { ...page, items };
      context.printer.result(listed, () => shownList(listed));
      return undefined;
    }
  },
};

async function rootOf(text: string): Promise<FileList['root']> {
  const { TREE_ROOTS } = await import('@croft/contract');
  const root = TREE_ROOTS.find((one) => one === text);
  if (root !== undefined) return root;
  const { cliErrors } = await import('../errors.ts');
  throw cliErrors.CLI_USAGE(`there is no storage ${JSON.stringify(text.slice(0, 100))}`, {
    hint: `Choose one of ${TREE_ROOTS.join(', ')}.`,
  });
}
