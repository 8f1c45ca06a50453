import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, ints, optional, text } from '../fields.ts';
import { frameInfo } from '../frame-info.ts';
import { apiPage, pageFields } from '../paging.ts';

/** The SDK turns pages until `items` is empty: a page beyond the end is a success. */
export const endpoint = defineEndpoint({
  name: 'queryTaskFrames',
  paths: ['/api/render/handle/queryTaskFrames', '/api/render/task/queryTaskFrames'],
  mutates: false,
  repeatable: true,
  request: z.object({
    ...pageFields,
    taskId: int,
    searchKeyword: optional(text),
    status: optional(ints),
  }),
  async handle({ taskId, pageNum, pageSize, searchKeyword, status }, { reads, caller, now }) {
    const task = await reads.frameTask(caller.accountId, taskId);
    const page = await reads.frames(caller.accountId, taskId, {
      page: pageNum,
      size: pageSize,
      ...(searchKeyword === undefined ? {} : { search: searchKeyword }),
      ...(status === undefined || status.length === 0 ? {} : { statuses: status }),
    });
    return apiPage(page, (frame) => frameInfo(frame, task, now));
  },
});
