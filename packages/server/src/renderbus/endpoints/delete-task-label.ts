import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { ints, optional, texts } from '../fields.ts';

/**
 * Two forms: `labelIds` takes tags off every task; `taskIds` with `labelNames` off these. The newest SDK sends all three
 * keys, `labelIds` empty where it knows none.
 */
export const endpoint = defineEndpoint({
  name: 'deleteTaskLabel',
  paths: ['/api/render/handle/deleteTaskLabel', '/api/render/task/deleteTaskLabel'],
  mutates: true,
  request: z.object({ labelIds: optional(ints), taskIds: optional(ints), labelNames: optional(texts) }),
  async handle({ labelIds = [], taskIds = [], labelNames = [] }, { calls, caller }) {
    const byName = taskIds.length > 0 && labelNames.length > 0;
    if (labelIds.length === 0 && !byName)
      throw serverErrors.API_PARAMETER_MISSING('name tags by labelIds, or by taskIds and labelNames');
    if (byName) await calls.removeTaskLabels(caller.accountId, taskIds, labelNames);
    // Where tasks are named too, the ids are those of the same tags: taking them off other tasks was not asked for.
    else await calls.deleteTaskLabels(caller.accountId, labelIds);
    return null;
  },
});
