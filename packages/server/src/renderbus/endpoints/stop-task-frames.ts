import { defineEndpoint } from '../endpoint.ts';
import { frameChoice, frameChoiceRequest } from '../frame-choice.ts';

/** Stops frames, the named ones or all of a task; the form of the body is that of recommitTaskFrames. */
export const endpoint = defineEndpoint({
  name: 'stopTaskFrames',
  paths: ['/api/render/handle/stopTaskFrames'],
  mutates: true,
  request: frameChoiceRequest,
  async handle(wish, { calls, caller }) {
    const { taskIds, frameIds, statuses } = frameChoice(wish);
    await calls.stopFrames(caller.accountId, taskIds, frameIds, statuses);
    return null;
  },
});
