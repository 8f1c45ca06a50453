import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';
import { apiPage, pageFields } from '../paging.ts';
import { operationRecord, rangeOf, recordRange } from '../records.ts';

/** Who changed what. `platform` is taken and means nothing here: all of them lead to this farm. */
export const endpoint = defineEndpoint({
  name: 'taskRecord',
  paths: ['/api/render/handle/operate/sdk/taskRecord'],
  mutates: false,
  request: z.object({ ...pageFields, ...recordRange, platform: optional(int) }),
  async handle(wish, { reads, caller, localTimes }) {
    const page = await reads.operations(caller.accountId, rangeOf(wish, localTimes));
    return apiPage(page, (row) => operationRecord(row, localTimes));
  },
});
