import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { apiPage, pageFields } from '../paging.ts';
import { rangeOf, recordRange, signInRecord } from '../records.ts';

/** Who came in, or was refused. */
export const endpoint = defineEndpoint({
  name: 'loginRecord',
  paths: ['/api/render/handle/operate/sdk/loginRecord'],
  mutates: false,
  request: z.object({ ...pageFields, ...recordRange }),
  async handle(wish, { reads, caller, localTimes }) {
    return apiPage(await reads.signIns(caller.accountId, rangeOf(wish, localTimes)), signInRecord);
  },
});
