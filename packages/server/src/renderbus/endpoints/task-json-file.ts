import { MiB } from '@croft/contract';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';

/** One of the four config files as JSON text. The signature covers it, and no more than 16 Mi characters are signed. */
export const endpoint = defineEndpoint({
  name: 'taskJsonFile',
  paths: ['/api/render/submit/taskJsonFile', '/api/render/task/taskJsonFile'],
  mutates: true,
  needs: 'submit',
  bodyLimitBytes: 24 * MiB,
  request: z.object({
    taskId: int,
    fileName: optional(z.enum(['task.json', 'asset.json', 'upload.json', 'tips.json'])),
    content: text,
  }),
  async handle({ taskId, fileName, content }, { calls, caller }) {
    await calls.putTaskFile(caller.accountId, taskId, fileName ?? 'task.json', content);
    return null;
  },
});
