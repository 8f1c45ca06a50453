import { defineEndpoint } from '../endpoint.ts';
import { frameChoice, frameChoiceRequest } from '../frame-choice.ts';

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
    const { taskIds, frameIds, statuses } = frameChoice(wish);
    await calls.restartFrames(caller.accountId, taskIds, frameIds, statuses);
    return null;
  },
});
