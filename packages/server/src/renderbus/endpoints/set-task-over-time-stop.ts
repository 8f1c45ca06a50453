import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** Seconds, which old clients send as a float or as text. Not rounded: part of a second is a limit, 0 is none. */
const overTime = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,12}(\.\d+)?$/)
      .transform(Number),
  ])
  .pipe(z.number().nonnegative());

/** Stops tasks that render for longer than so many seconds; 0 lets them render for ever. */
export const endpoint = defineEndpoint({
  name: 'setTaskOverTimeStop',
  paths: ['/api/render/handle/setTaskOverTimeStop', '/api/render/task/setOverTimeStop'],
  mutates: true,
  request: z.intersection(taskIdsRequest, z.object({ overTime })),
  async handle({ taskIds, overTime }, { calls, caller }) {
    await calls.setOverTimeStop(caller.accountId, taskIds, overTime);
    return 'SUCCESS';
  },
});
