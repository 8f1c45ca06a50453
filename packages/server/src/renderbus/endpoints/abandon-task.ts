import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** Gives tasks up for good: frames that are not done are stopped and cannot be started again. What is done stays. */
export const endpoint = defineEndpoint({
  name: 'abandonTask',
  paths: ['/api/render/handle/abandonTask', '/api/render/task/abortTask'],
  mutates: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, caller }) {
    await calls.abandonTasks(caller.accountId, taskIds);
    return null;
  },
});
