import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** Lets stopped tasks go on; what is done is not rendered again. */
export const endpoint = defineEndpoint({
  name: 'startTask',
  paths: [
    '/api/rendering/task/renderingTask/startTask',
    '/api/render/handle/startTask',
    '/api/render/task/startTask',
  ],
  mutates: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, caller }) {
    await calls.startTasks(caller.accountId, taskIds);
    return null;
  },
});
