import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** Takes tasks off every list and stops what still renders. Their results stay in the output root. */
export const endpoint = defineEndpoint({
  name: 'deleteTask',
  paths: ['/api/render/handle/deleteTask', '/api/render/task/deleteTask'],
  mutates: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, caller }) {
    await calls.deleteTasks(caller.accountId, taskIds);
    return null;
  },
});
