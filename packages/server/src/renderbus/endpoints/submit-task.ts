import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';

/** A second submit of a submitted task succeeds: the first reply may have been lost on its way. */
export const endpoint = defineEndpoint({
  name: 'submitTask',
  paths: ['/api/render/submit/task', '/api/render/task/submitTask'],
  mutates: true,
  needs: 'submit',
  request: z.object({ taskId: int, producer: optional(text) }),
  async handle({ taskId, producer }, { calls, caller }) {
    await calls.submitTask(caller.accountId, taskId, producer === undefined ? {} : { producer });
    return null;
  },
});
