/** stop, start, abandon, delete, full-speed and retry: one API call each, for one or more tasks. */
import type { TaskDetail } from '@croft/contract';
import type { FarmSession, RenderbusApi } from '@croft/sdk';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

function steering(
  name: string,
  past: string,
  summary: string,
  meaning: string,
  act: (api: RenderbusApi, taskIds: number[]) => Promise<void>,
): CommandSpec {
  return {
    usage: `${name} <ids...>`,
    group: 'Steer',
    summary,
    options: FARM_OPTIONS,
    examples: [[`croft ${name} 1024`, meaning]],
    exits: [[8, 'there is no such task; nothing was changed']],
    async run(context, line) {
      const taskIds = line.args.map((_, index) => line.taskId(index));
      const session = await context.session();
      const before = await statesOf(session, taskIds);
      await act(session.api, taskIds);
      const after = name === 'delete' ? new Map<number, TaskDetail>() : await statesOf(session, taskIds);
      const { statusName } = await import('../status-names.ts');
      const unchanged = taskIds.filter((id) => isSame(before.get(id), after.get(id)));
      const changed = taskIds.filter((id) => !unchanged.includes(id));
      context.printer.result({ taskIds, done: past, unchanged }, () =>
        [
          ...(changed.length > 0 ? [`${past} ${changed.join(', ')}`] : []),
          ...unchanged.map((id) => `task ${id} is ${statusName(after.get(id)!.status)}: nothing changed`),
        ].join('\n'),
      );
      return undefined;
    },
  };
}

/** Of more tasks than this it is not told which had nothing to do: each costs a question. */
const MOST_LOOKED_AT = 50;

async function statesOf(session: FarmSession, taskIds: readonly number[]): Promise<Map<number, TaskDetail>> {
  if (taskIds.length > MOST_LOOKED_AT) return new Map();
  const tasks = await Promise.all(taskIds.map((id) => session.native.task(id)));
  return new Map(tasks.map((task) => [task.id, task]));
}

/** Whether a task is as it was; frames that went on by themselves meanwhile count as the change that was asked for. */
function isSame(before: TaskDetail | undefined, after: TaskDetail | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return before.status === after.status && JSON.stringify(before.frames) === JSON.stringify(after.frames);
}

export const STEERING: readonly CommandSpec[] = [
  steering('stop', 'stopped', 'stop tasks; what is rendered stays', 'stop task 1024', (api, ids) =>
    api.task.stop(ids),
  ),
  steering('start', 'started', 'go on with stopped tasks', 'go on with task 1024', (api, ids) =>
    api.task.start(ids),
  ),
  steering(
    'abandon',
    'abandoned',
    'end tasks for good; what is rendered stays',
    'give task 1024 up',
    (api, ids) => api.task.abandon(ids),
  ),
  steering('delete', 'deleted', 'remove tasks from the lists', 'remove task 1024', (api, ids) =>
    api.task.delete(ids),
  ),
  steering(
    'full-speed',
    'going on',
    'go on with tasks that wait after their test frames',
    'render the rest of task 1024',
    (api, ids) => api.task.fullSpeed(ids),
  ),
  steering(
    'retry',
    'retrying',
    'render the failed frames of tasks again',
    'try failed frames again',
    (api, ids) => api.query.restartFailedFrames(ids),
  ),
];
