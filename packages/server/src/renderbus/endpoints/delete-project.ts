import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { text } from '../fields.ts';

/** Deletes a project by its name; tasks keep the name. A name that is gone already is no error. */
export const endpoint = defineEndpoint({
  name: 'deleteProject',
  paths: ['/api/render/project/delete', '/api/render/common/deleteLabel'],
  mutates: true,
  request: z.object({ delName: text }),
  async handle({ delName }, { calls, caller }) {
    await calls.deleteProject(caller.accountId, delName);
    return null;
  },
});
