import { defineEndpoint } from '../endpoint.ts';
import { renderEnvRequest, wishOf } from '../render-envs.ts';

/** Changes the environment of that name; a name that is not there is 404. */
export const endpoint = defineEndpoint({
  name: 'editUserPluginConfig',
  paths: ['/api/render/plugin/editUserPluginConfig', '/api/render/common/updateRenderEnv'],
  mutates: true,
  request: renderEnvRequest,
  async handle(body, { calls, caller }) {
    await calls.updateRenderEnv(caller.accountId, wishOf(body));
    return null;
  },
});
