import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { ints, optional, taskIdsRequest } from '../fields.ts';

/** Without `status` only failed frames start again. */
export const endpoint = defineEndpoint({
  name: 'recommitTasks',
  paths: [
    '/api/render/handle/recommitTasks',
    '/api/render/task/restartFailedFrames',
    '/api/rendering/task/renderingTask/recommitFailFrame',
  ],
  mutates: true,
  request: z.intersection(taskIdsRequest, z.object({ status: optional(ints) })),
  async handle({ taskIds, status }, { calls, caller }) {
    await calls.restartFailedFrames(caller.accountId, taskIds, status?.length ? status : undefined);
    return null;
  },
});
