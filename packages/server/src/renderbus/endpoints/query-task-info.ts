import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';
import { outputBids } from '../output-bids.ts';
import { taskInfo } from '../task-info.ts';

/** The page size that the documents print for this reply. */
const PAGE_SIZE = 100;

/** What the SDK polls while a task renders: keep it cheap. */
export const endpoint = defineEndpoint({
  name: 'queryTaskInfo',
  paths: [
    '/api/render/handle/queryTaskInfo/v2',
    '/api/render/handle/queryTaskInfo',
    '/api/render/task/queryTaskInfo',
  ],
  mutates: false,
  repeatable: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, reads, caller }) {
    const tasks = await reads.taskInfos(caller.accountId, taskIds);
    const bidOf = await outputBids(calls, caller, tasks);
    return {
      pageCount: Math.ceil(tasks.length / PAGE_SIZE),
      pageNum: 1,
      total: tasks.length,
      size: PAGE_SIZE,
      items: tasks.map((task) => taskInfo(task, bidOf)),
    };
  },
});
