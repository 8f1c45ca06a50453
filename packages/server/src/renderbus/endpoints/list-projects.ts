import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';

const WHOSE = ['own', 'main', 'team'] as const;

/** `flag`: 0 own, 1 own and the main account's, 2 all under the main account. */
export const endpoint = defineEndpoint({
  name: 'projectList',
  paths: ['/api/render/project/list'],
  mutates: false,
  request: z.object({ flag: int.pipe(z.int().min(0).max(2)) }),
  handle: async ({ flag }, { calls, caller }) => ({
    projectNameList: await calls.listProjects(caller.accountId, WHOSE[flag]),
  }),
});
