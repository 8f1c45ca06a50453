import { settingView } from '../account-views.ts';
import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** The account's settings for rendering. */
export const endpoint = defineEndpoint({
  name: 'queryUserSetting',
  paths: ['/api/render/setUp/queryUserSetting', '/api/render/user/queryUserSetting'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller }) => settingView(await calls.profile(caller.accountId)),
});
