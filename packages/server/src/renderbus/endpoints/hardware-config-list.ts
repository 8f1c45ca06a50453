import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { ints, optional } from '../fields.ts';
import { hardwareList } from '../hardware.ts';

/** With `taskIds`, `current` marks what those tasks use now. `cloneTask` changes nothing here. */
export const endpoint = defineEndpoint({
  name: 'hardwareConfigList',
  paths: ['/api/render/hardwareConfig/list'],
  mutates: false,
  request: z.object({ taskIds: optional(ints) }),
  async handle({ taskIds = [] }, { reads, caller, platform }) {
    const inUse = taskIds.length === 0 ? [] : await reads.hardwareOfTasks(caller.accountId, taskIds);
    return hardwareList(await reads.hardware(platform), inUse);
  },
});
