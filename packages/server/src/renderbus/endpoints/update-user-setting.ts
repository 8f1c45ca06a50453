import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { optional, seconds } from '../fields.ts';

const HOUR_SEC = 3600;

/** `taskOverTimeSec` in seconds, or `taskOverTime` in hours from the oldest clients. */
export const endpoint = defineEndpoint({
  name: 'updateUserSetting',
  paths: ['/api/render/setUp/updateUserSetting', '/api/render/user/updateUserSetting'],
  mutates: true,
  request: z.object({ taskOverTimeSec: optional(seconds), taskOverTime: optional(seconds) }),
  async handle({ taskOverTimeSec, taskOverTime }, { calls, caller }) {
    const wanted = taskOverTimeSec ?? (taskOverTime === undefined ? undefined : taskOverTime * HOUR_SEC);
    if (wanted === undefined) throw serverErrors.API_PARAMETER_MISSING('taskOverTimeSec is missing');
    await calls.updateTaskOverTime(caller.accountId, wanted);
    return null;
  },
});
