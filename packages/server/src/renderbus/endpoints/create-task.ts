import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text, texts } from '../fields.ts';
import { taskAlias } from '../task-info.ts';

const MOST_TASKS = 1000;
const DEFAULT_LEVEL = 50;

/** Makes empty tasks. One that never gets its files stays a draft: a row that no list shows. */
export const endpoint = defineEndpoint({
  name: 'createTask',
  paths: ['/api/render/submit/createTask', '/api/render/task/createTask'],
  mutates: true,
  needs: 'submit',
  request: z.object({
    count: optional(int.pipe(z.int().min(1).max(MOST_TASKS))),
    taskUserLevel: optional(int),
    outUserId: optional(int),
    labels: optional(texts),
    artist: optional(text),
    cloneOriginalId: optional(int),
  }),
  async handle(wish, { calls, reads, caller, platform }) {
    const taskIdList = await calls.createTasks(caller.accountId, {
      count: wish.count ?? 1,
      userLevel: wish.taskUserLevel ?? DEFAULT_LEVEL,
      platform,
      ...(wish.outUserId === undefined ? {} : { outUserId: wish.outUserId }),
      ...(wish.labels === undefined ? {} : { labels: wish.labels }),
      ...(wish.artist === undefined ? {} : { artist: wish.artist }),
      ...(wish.cloneOriginalId ? { cloneOriginalId: wish.cloneOriginalId } : {}),
    });
    const prefix = await reads.taskPrefix(platform);
    const aliasTaskIdList = taskIdList.map((id) => taskAlias(prefix, id));
    return { taskIdList, aliasTaskIdList, userId: caller.accountId };
  },
});
