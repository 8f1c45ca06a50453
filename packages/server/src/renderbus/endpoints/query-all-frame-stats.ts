import { defineEndpoint } from '../endpoint.ts';
import { nothing } from '../fields.ts';

/** `totalFrames` counts abandoned frames too. */
export const endpoint = defineEndpoint({
  name: 'queryAllFrameStats',
  paths: ['/api/render/handle/queryAllFrameStats', '/api/render/task/queryAllFrameStats'],
  mutates: false,
  repeatable: true,
  request: nothing,
  async handle(_, { reads, caller }) {
    const totals = await reads.frameTotals(caller.accountId);
    return {
      executingFramesTotal: totals.running,
      doneFramesTotal: totals.done,
      failedFramesTotal: totals.failed,
      waitingFramesTotal: totals.waiting,
      abandonFramesTotal: totals.stopped,
      totalFrames: totals.total,
    };
  },
});
