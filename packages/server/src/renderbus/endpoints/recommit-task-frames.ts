import { defineEndpoint } from '../endpoint.ts';
import { eachFrameChoice, frameChoiceRequest } from '../frame-choice.ts';

export const endpoint = defineEndpoint({
  name: 'recommitTaskFrames',
  paths: ['/api/render/handle/recommitTaskFrames', '/api/render/task/restartFrame'],
  mutates: true,
  request: frameChoiceRequest,
  async handle(wish, { calls, caller }) {
    for (const { taskId, frameIds, statuses } of eachFrameChoice(wish)) {
      await calls.restartFrames(caller.accountId, taskId, frameIds, statuses);
    }
    return null;
  },
});
