import { raySyncView } from '../account-views.ts';
import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** The account's name and key for the raysync engine. No farm of this kind runs it, but SDKs ask for it. */
export const endpoint = defineEndpoint({
  name: 'getRaySyncUserKey',
  paths: ['/api/render/transfer/getRaySyncUserKey', '/api/render/user/getRaySyncUserKey'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller, platform, now }) =>
    raySyncView(await calls.profile(caller.accountId), platform, now),
});
