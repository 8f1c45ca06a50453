/**
 * Which frames a request means. Five shapes are in use:
 *   {taskId, selectAll: 1}  {taskId, ids, selectAll: 0}  {ids, selectAll: 0}
 *   {taskIds: <int or list>, selectAll, ids: []}         {taskId, ids, selectAll}
 * `status` narrows a choice of all frames. Without `selectAll`, given ids mean those, none mean all.
 */
import * as z from 'zod';
import { serverErrors } from '../errors.ts';
import { flag, int, ints, optional } from './fields.ts';

export const frameChoiceRequest = z.object({
  taskId: optional(int),
  taskIds: optional(ints),
  ids: optional(ints),
  selectAll: optional(flag),
  status: optional(ints),
});

export interface FrameChoice {
  /** null: the frame ids alone say which tasks. */
  taskIds: number[] | null;
  /** undefined: all frames of the tasks. */
  frameIds: number[] | undefined;
  statuses: number[] | undefined;
}

/** Throws API_PARAMETER_MISSING where neither tasks nor frames are named. */
export function frameChoice(wish: z.infer<typeof frameChoiceRequest>): FrameChoice {
  const ids = wish.ids ?? [];
  const all = wish.selectAll === undefined ? ids.length === 0 : wish.selectAll !== 0;
  const tasks = wish.taskId === undefined ? (wish.taskIds ?? []) : [wish.taskId];
  if (!all && ids.length === 0) throw serverErrors.API_PARAMETER_MISSING('ids is empty');
  if (tasks.length === 0) {
    if (all) throw serverErrors.API_PARAMETER_MISSING('taskId is missing');
    return { taskIds: null, frameIds: ids, statuses: undefined };
  }
  const statuses = all && wish.status !== undefined && wish.status.length > 0 ? wish.status : undefined;
  return { taskIds: tasks, frameIds: all ? undefined : ids, statuses };
}
