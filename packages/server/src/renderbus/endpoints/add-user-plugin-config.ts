import { defineEndpoint } from '../endpoint.ts';
import { renderEnvRequest, wishOf } from '../render-envs.ts';

/** Adds a render environment: an app's version and plug-ins under a name of the account's choice. */
export const endpoint = defineEndpoint({
  name: 'addUserPluginConfig',
  paths: ['/api/render/plugin/addUserPluginConfig', '/api/render/common/addRenderEnv'],
  mutates: true,
  request: renderEnvRequest,
  async handle(body, { calls, caller }) {
    await calls.addRenderEnv(caller.accountId, wishOf(body));
    return { editName: body.editName };
  },
});
