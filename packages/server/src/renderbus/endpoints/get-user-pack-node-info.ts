import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** The id goes to `task_info.pack_node_id` of task.json. */
export const endpoint = defineEndpoint({
  name: 'getUserPackNodeInfo',
  paths: ['/api/render/submit/getUserPackNodeInfo'],
  mutates: false,
  request: nothing,
  handle: async (_, { reads, caller }) => reads.nodePackages(caller.accountId),
});
