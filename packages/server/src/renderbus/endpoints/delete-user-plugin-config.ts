import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { text } from '../fields.ts';

/** Deletes a render environment by its name; an unknown one is 404. */
export const endpoint = defineEndpoint({
  name: 'deleteUserPluginConfig',
  paths: ['/api/render/plugin/deleteUserPluginConfig', '/api/render/common/deleteRenderEnv'],
  mutates: true,
  request: z.object({ editName: text }),
  async handle({ editName }, { calls, caller }) {
    await calls.deleteRenderEnv(caller.accountId, editName);
    return null;
  },
});
