/** stop, start, abandon, delete, full-speed and retry: one API call each, for one or more tasks. */
import type { RenderbusApi } from '@croft/sdk';
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
      await act(session.api, taskIds);
      context.printer.result({ taskIds, done: past }, () => `${past} ${taskIds.join(', ')}`);
      return undefined;
    },
  };
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
