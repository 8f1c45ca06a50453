import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** The account's own projects. */
export const endpoint = defineEndpoint({
  name: 'projectGetList',
  paths: ['/api/render/project/getList', '/api/render/common/getLabelList'],
  mutates: false,
  request: nothing,
  handle: async (_, { calls, caller }) => ({ projectNameList: await calls.listProjects(caller.accountId) }),
});
