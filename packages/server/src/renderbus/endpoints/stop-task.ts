import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** Stops tasks: what renders ends, and what waits is not begun until startTask. */
export const endpoint = defineEndpoint({
  name: 'stopTask',
  paths: [
    '/api/rendering/task/renderingTask/stopTask',
    '/api/render/handle/stopTask',
    '/api/render/task/stopTask',
  ],
  mutates: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, caller }) {
    await calls.stopTasks(caller.accountId, taskIds);
    return null;
  },
});
