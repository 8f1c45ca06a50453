import { defineEndpoint } from '../endpoint.ts';
import { eachFrameChoice, frameChoiceRequest } from '../frame-choice.ts';

/**
 * Renders frames again, the named ones or all of a task. The body comes in five forms; see `selectAll`, `ids` and
 * `status`.
 */
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
