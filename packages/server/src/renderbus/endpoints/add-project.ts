import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { text } from '../fields.ts';

export const endpoint = defineEndpoint({
  name: 'addProject',
  paths: ['/api/render/project/add', '/api/render/common/addLabel'],
  mutates: true,
  needs: 'submit',
  request: z.object({ newName: text }),
  async handle({ newName }, { calls, caller }) {
    await calls.addProject(caller.accountId, newName);
    return null;
  },
});
