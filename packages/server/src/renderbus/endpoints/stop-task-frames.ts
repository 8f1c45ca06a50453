import { defineEndpoint } from '../endpoint.ts';
import { eachFrameChoice, frameChoiceRequest } from '../frame-choice.ts';

/** Stops frames, the named ones or all of a task; the form of the body is that of recommitTaskFrames. */
export const endpoint = defineEndpoint({
  name: 'stopTaskFrames',
  paths: ['/api/render/handle/stopTaskFrames'],
  mutates: true,
  request: frameChoiceRequest,
  async handle(wish, { calls, caller }) {
    for (const { taskId, frameIds, statuses } of eachFrameChoice(wish)) {
      await calls.stopFrames(caller.accountId, taskId, frameIds, statuses);
    }
    return null;
  },
});
