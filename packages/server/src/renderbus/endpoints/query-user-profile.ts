import { profileView } from '../account-views.ts';
import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** Everything about the account itself, with what it may spend. */
export const endpoint = defineEndpoint({
  name: 'queryUserProfile',
  paths: ['/api/render/setUp/queryUserProfile', '/api/render/user/queryUserProfile'],
  mutates: false,
  request: nothing,
  async handle(_, { calls, reads, caller, platform }) {
    const cgIds = new Set((await reads.catalogueApps()).map(({ cgId }) => cgId));
    const money = await reads.accountMoney(caller.accountId, platform);
    return profileView(await calls.profile(caller.accountId), platform, cgIds, money);
  },
});
