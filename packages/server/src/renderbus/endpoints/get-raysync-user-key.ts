import { raySyncView } from '../account-views.ts';
import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** The account's name and key for the engine "raysyncproxy". */
export const endpoint = defineEndpoint({
  name: 'getRaySyncUserKey',
  paths: ['/api/render/transfer/getRaySyncUserKey', '/api/render/user/getRaySyncUserKey'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller, platform, now }) =>
    raySyncView(
      await calls.profile(caller.accountId),
      await calls.raysyncKey(caller.accountId),
      platform,
      now,
    ),
});
