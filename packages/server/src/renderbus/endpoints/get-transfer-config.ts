import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';
import { transferConfig } from '../transfer-config.ts';

export const endpoint = defineEndpoint({
  name: 'getConfig',
  paths: ['/api/render/transfer/getConfig', '/api/render/task/getTransferConfig'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller, reachedAt }) =>
    transferConfig(await calls.storageIds(caller.accountId), reachedAt),
});
