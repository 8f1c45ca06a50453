/**
 * What users do with a task: `POST /tasks/{id}/stop` and its kin. Each is one call of the farm, which checks whose task
 * it is before it changes anything, so calling twice does no harm. All but delete answer with the task as it is then.
 */
import { taskDetailSchema } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import * as z from 'zod';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs } from './shown.ts';

const params = z.object({ id: z.coerce.number().int().nonnegative() });

type Steer = (calls: FarmCalls, accountId: number, taskIds: number[]) => Promise<void>;

function steering(name: string, summary: string, steer: Steer): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/tasks/{id}/${name}`,
    summary,
    params,
    answers: { json: taskDetailSchema },
    async handle({ caller, params, parts }) {
      await steer(parts.calls, caller.accountId, [params.id]);
      return shownAs(taskDetailSchema, await parts.reads.task(caller.accountId, params.id));
    },
  });
}

export const steeringRoutes: readonly NativeRoute[] = [
  steering('stop', 'Stops what waits or renders; what is rendered stays', (calls, accountId, taskIds) =>
    calls.stopTasks(accountId, taskIds),
  ),
  steering(
    'start',
    'Goes on with a stopped task, or with one that waits after test frames',
    (calls, accountId, taskIds) => calls.startTasks(accountId, taskIds),
  ),
  steering(
    'abandon',
    'Ends a task for good; what is rendered stays, and it cannot be started again',
    (calls, accountId, taskIds) => calls.abandonTasks(accountId, taskIds),
  ),
  steering(
    'retry',
    'Renders failed and timed-out frames again, with all their retries',
    (calls, accountId, taskIds) => calls.restartFailedFrames(accountId, taskIds),
  ),
  defineRoute({
    method: 'POST',
    path: '/tasks/{id}/delete',
    summary: 'Takes a task off the lists; its results stay in the output folder',
    params,
    answers: { json: z.object({ id: z.int() }) },
    async handle({ caller, params, parts }) {
      await parts.calls.deleteTasks(caller.accountId, [params.id]);
      return { id: params.id };
    },
  }),
];
