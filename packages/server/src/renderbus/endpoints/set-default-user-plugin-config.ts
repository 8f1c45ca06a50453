import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { text } from '../fields.ts';

/** It decides version and plug-ins of tasks of its app that say nothing about them. */
export const endpoint = defineEndpoint({
  name: 'setDefaultUserPluginConfig',
  paths: ['/api/render/plugin/setDefaultUserPluginConfig', '/api/render/common/setDefaultRenderEnv'],
  mutates: true,
  request: z.object({ editName: text }),
  async handle({ editName }, { calls, caller }) {
    await calls.setDefaultRenderEnv(caller.accountId, editName);
    return null;
  },
});
