import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { someInts, text } from '../fields.ts';

/** Puts a tag on tasks; sending it twice does no harm. */
export const endpoint = defineEndpoint({
  name: 'addTaskLabel',
  paths: ['/api/render/handle/addTaskLabel', '/api/render/task/addTaskLabel'],
  mutates: true,
  request: z.object({ label: text, taskIds: someInts }),
  async handle({ label, taskIds }, { calls, caller }) {
    await calls.addTaskLabel(caller.accountId, label, taskIds);
    return null;
  },
});
