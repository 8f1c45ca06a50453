import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';
import { transferConfig } from '../transfer-config.ts';

/** Where files are sent to and fetched from, as the transfer program wants to know it. */
export const endpoint = defineEndpoint({
  name: 'getConfig',
  paths: ['/api/render/transfer/getConfig', '/api/render/task/getTransferConfig'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller, reachedAt }) =>
    transferConfig(await calls.storageIds(caller.accountId), reachedAt),
});
