/**
 * Changes of a task beyond stopping and starting it: full speed, limits, labels, clones. Each checks whose task it is before
 * it changes anything; all but clone may be sent twice, and answer with the task as it is then.
 */
import { taskDetailSchema } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import * as z from 'zod';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs } from './shown.ts';

const params = z.object({ id: z.coerce.number().int().nonnegative() });
const label = z.object({ name: z.string().min(1).max(255) });

function change<Body extends z.ZodType>(
  name: string,
  summary: string,
  body: Body,
  make: (calls: FarmCalls, accountId: number, taskId: number, wish: z.infer<Body>) => Promise<void>,
): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/tasks/{id}/${name}`,
    summary,
    params,
    body,
    answers: { json: taskDetailSchema },
    async handle({ caller, params, body, parts }) {
      await make(parts.calls, caller.accountId, params.id, body);
      return shownAs(taskDetailSchema, await parts.reads.task(caller.accountId, params.id));
    },
  });
}

export const taskChangeRoutes: readonly NativeRoute[] = [
  change(
    'full-speed',
    'Goes on with a task that waits after its test frames; others stay as they are',
    z.object({}),
    (calls, accountId, taskId) => calls.fullSpeed(accountId, [taskId]),
  ),
  change(
    'limit',
    'Nodes that the task may hold at a time, its layers together; 0: any',
    z.object({ nodes: z.int().min(0).max(100_000) }),
    (calls, accountId, taskId, { nodes }) => calls.setNodeLimit(accountId, taskId, nodes),
  ),
  change(
    'time-limit',
    'Seconds of rendering after which the task is stopped; 0: never',
    z.object({ seconds: z.number().min(0).max(3_200_000_000) }),
    (calls, accountId, taskId, { seconds }) => calls.setOverTimeStop(accountId, [taskId], seconds),
  ),
  change(
    'level',
    'Priority among all tasks of the farm: 0 to 100, high first',
    z.object({ level: z.int().min(0).max(100) }),
    (calls, accountId, taskId, { level }) => calls.setUserLevel(accountId, taskId, level),
  ),
  change('labels', 'Puts a label on the task', label, (calls, accountId, taskId, { name }) =>
    calls.addTaskLabel(accountId, name, [taskId]),
  ),
  change('labels/remove', 'Takes a label off the task', label, (calls, accountId, taskId, { name }) =>
    calls.removeTaskLabels(accountId, [taskId], [name]),
  ),
  defineRoute({
    method: 'POST',
    path: '/tasks/{id}/clone',
    summary: 'Renders the same files again as a new task, maybe other frames; answers with the new task',
    params,
    body: z.object({
      frames: z.string().min(1).max(10_000).optional(),
      level: z.int().min(0).max(100).optional(),
    }),
    answers: { json: taskDetailSchema },
    async handle({ caller, params, body, parts }) {
      const { calls, reads } = parts;
      const original = await reads.task(caller.accountId, params.id);
      const [taskId] = await calls.createTasks(caller.accountId, {
        count: 1,
        userLevel: body.level ?? original.level,
        labels: original.labels.map(({ name }) => name),
        cloneOriginalId: params.id,
      });
      try {
        if (body.frames !== undefined) await calls.changeFrames(caller.accountId, taskId!, body.frames);
        await calls.submitTask(caller.accountId, taskId!, {});
      } catch (thrown) {
        // Nobody knows the id of a clone that could not be submitted.
        await calls.deleteTasks(caller.accountId, [taskId!]);
        throw thrown;
      }
      return shownAs(taskDetailSchema, await reads.task(caller.accountId, taskId!));
    },
  }),
];
