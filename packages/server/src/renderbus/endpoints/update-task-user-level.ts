import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';

/** The documents know these two; the real service answers an error for others. */
const LEVELS = [50, 60];

/** Sets a task's priority among those of the account: 50, or 60 before them. */
export const endpoint = defineEndpoint({
  name: 'updateTaskUserLevel',
  paths: ['/api/rendering/task/renderingTask/updateTaskUserLevel'],
  mutates: true,
  request: z.object({ taskId: int, taskUserLevel: int }),
  async handle({ taskId, taskUserLevel }, { calls, caller }) {
    if (!LEVELS.includes(taskUserLevel)) {
      throw serverErrors.API_PARAMETER_INVALID(
        `taskUserLevel is ${LEVELS.join(' or ')}, not ${taskUserLevel}`,
      );
    }
    await calls.setUserLevel(caller.accountId, taskId, taskUserLevel);
    return null;
  },
});
