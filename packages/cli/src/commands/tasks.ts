import type { FarmSession } from '@croft/sdk';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const tasks: CommandSpec = {
  usage: 'tasks',
  group: 'Look',
  summary: 'list the tasks, newest first',
  options: [
    ['--page <n>', 'page to show, from 1 (default: 1)'],
    ['--size <n>', 'tasks a page, at most 500 (default: 50)'],
    ['--label <name>', 'only tasks that bear the label'],
    ['--account <account>', 'only tasks of this account of your team, by name or id'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft tasks', 'the newest 50 tasks with their progress'],
    ["croft tasks --json | jq '.items[].id'", 'their ids, for a script'],
  ],
  async run(context, line) {
    const page = line.integer('page', 1, 1_000_000) ?? 1;
    const size = line.integer('size', 1, 500) ?? 50;
    const [session, { formatTable, formatTime }, { statusName }] = await Promise.all([
      context.session(),
      import('../format.ts'),
      import('../status-names.ts'),
    ]);
    const accountId = await accountOf(session, line.text('account'));
    const found = await session.native.tasks(page, size, line.text('label'), accountId);
    context.printer.result(found, () => {
      if (found.total === 0 && (line.text('label') ?? line.text('account')) !== undefined)
        return 'no such tasks';
      if (found.total === 0) return 'no tasks yet; "croft render SCENE" makes one';
      if (found.items.length === 0) return `no tasks on page ${page}; there are ${found.total}`;
      const isOfTeam = new Set(found.items.map((task) => task.accountId)).size > 1;
      const rows = found.items.map((task) => [
        String(task.id),
        ...(isOfTeam ? [task.userName] : []),
        statusName(task.status),
        `${task.frames.done}/${task.frames.total}`,
        task.frames.failed > 0 ? `${task.frames.failed} failed` : '',
        task.sceneName,
        formatTime(task.submittedAt ?? task.createdAt),
      ]);
      const table = formatTable(
        ['task', ...(isOfTeam ? ['of'] : []), 'status', 'frames', '', 'scene', 'submitted'],
        rows,
      );
      const rest = found.total > page * size ? `\n… ${found.total} in all; --page ${page + 1} for more` : '';
      return table + rest;
    });
    return undefined;
  },
};

/** An id is taken as it is: a colleague that one may see need not be an account that one manages. */
async function accountOf(session: FarmSession, wanted: string | undefined): Promise<number | undefined> {
  if (wanted === undefined) return undefined;
  if (/^\d{1,15}$/.test(wanted)) return Number(wanted);
  const [{ nativeAccounts }, { findAccount }] = await Promise.all([
    import('@croft/sdk'),
    import('./find-account.ts'),
  ]);
  return (await findAccount(nativeAccounts(session.native), wanted)).accountId;
}
