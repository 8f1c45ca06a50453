import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';

/** Nodes that a task may hold at a time; 0 takes the limit away. */
export const endpoint = defineEndpoint({
  name: 'updateTaskLimit',
  paths: ['/api/render/handle/updateTaskLimit'],
  mutates: true,
  request: z.object({ taskId: int, taskLimit: int }),
  async handle({ taskId, taskLimit }, { calls, caller }) {
    await calls.setNodeLimit(caller.accountId, taskId, taskLimit);
    return null;
  },
});
