import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, ints, optional } from '../fields.ts';
import { renderEnv } from '../render-envs.ts';

/** `cgId`, `cgIds` or both, numbers or their text; without them all apps. `osName` 0 Linux, 1 Windows. */
export const endpoint = defineEndpoint({
  name: 'getUserPluginConfig',
  paths: ['/api/render/plugin/getUserPluginConfig', '/api/render/common/getRenderEnv'],
  mutates: false,
  request: z.object({ cgId: optional(int), cgIds: optional(ints), osName: optional(int) }),
  async handle({ cgId, cgIds = [], osName }, { reads, caller }) {
    const envs = await reads.renderEnvs(caller.accountId, {
      cgIds: cgId === undefined ? cgIds : [cgId, ...cgIds],
      ...(osName === undefined ? {} : { osName }),
    });
    return envs.map(renderEnv);
  },
});
