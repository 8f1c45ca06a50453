import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';

/**
 * Adds a project (the oldest SDKs say label). The same name again within a minute is the same call repeated; later it
 * is 503.
 */
export const endpoint = defineEndpoint({
  name: 'addProject',
  paths: ['/api/render/project/add', '/api/render/common/addLabel'],
  mutates: true,
  codes: [503],
  needs: 'submit',
  request: z.object({ newName: text, status: optional(int.pipe(z.int().min(0).max(1))) }),
  async handle({ newName, status }, { calls, caller }) {
    await calls.addProject(caller.accountId, newName, status);
    return null;
  },
});
