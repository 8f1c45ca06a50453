import { survivableTaskStatus, TASK_STATUS } from '@croft/contract';
import type { TaskFilter } from '@croft/farm';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, ints, localTime, optional, text } from '../fields.ts';
import type { LocalTimes } from '../local-times.ts';
import { outputBids } from '../output-bids.ts';
import { apiPage, pageFields } from '../paging.ts';
import { taskInfo } from '../task-info.ts';

const request = z.object({
  ...pageFields,
  statusList: optional(ints),
  searchKeyword: optional(text),
  startTime: optional(localTime),
  endTime: optional(localTime),
  recycleFlag: optional(int),
});

/** Newest first. `recycleFlag` 1 lists deleted tasks, and only where no other filter is given. */
export const endpoint = defineEndpoint({
  name: 'getTaskList',
  paths: [
    '/api/render/handle/getTaskList/v2',
    '/api/render/handle/getTaskList',
    '/api/render/task/getTaskList',
  ],
  mutates: false,
  repeatable: true,
  request,
  async handle(wish, { calls, reads, caller, localTimes }) {
    const page = await reads.listTaskInfos(caller.accountId, filterOf(wish, localTimes));
    const bidOf = await outputBids(calls, caller, page.items);
    return apiPage(page, (task) => taskInfo(task, bidOf));
  },
});

function filterOf(wish: z.infer<typeof request>, times: LocalTimes): TaskFilter {
  const { pageNum, pageSize, statusList, searchKeyword, startTime, endTime, recycleFlag } = wish;
  const filters: Partial<TaskFilter> = {};
  if (statusList !== undefined && statusList.length > 0) filters.statuses = storedStatuses(statusList);
  if (searchKeyword !== undefined) filters.search = searchKeyword;
  if (startTime !== undefined) filters.submittedFrom = times.startOf(startTime);
  if (endTime !== undefined) filters.submittedTo = times.endOf(endTime);
  const deleted = recycleFlag === 1 && Object.keys(filters).length === 0;
  return { page: pageNum, size: pageSize, ...filters, ...(deleted ? { deleted } : {}) };
}

/** Replies show some statuses as others; a filter by a shown status finds all that are shown as it. */
function storedStatuses(shown: readonly number[]): number[] {
  const wanted = new Set(shown);
  for (const status of Object.values(TASK_STATUS)) {
    if (wanted.has(survivableTaskStatus(status))) wanted.add(status);
  }
  return [...wanted];
}
