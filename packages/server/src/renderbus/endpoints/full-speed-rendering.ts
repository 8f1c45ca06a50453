import { defineEndpoint } from '../endpoint.ts';
import { taskIdsRequest } from '../fields.ts';

/** The word of the Chinese edition of the documents, for accounts of its zone. */
const DONE = { 1: '成功', 2: 'success' } as const;

/** Tasks that wait after their test frames (40) go on with the rest; all others stay as they are. */
export const endpoint = defineEndpoint({
  name: 'fullSpeedRendering',
  paths: ['/api/render/handle/fullSpeedRendering', '/api/render/task/fullSpeed'],
  mutates: true,
  request: taskIdsRequest,
  async handle({ taskIds }, { calls, caller }) {
    await calls.fullSpeed(caller.accountId, taskIds);
    const { facts } = await calls.profile(caller.accountId);
    return facts.zone === 1 ? DONE[1] : DONE[2];
  },
});
