import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { ints, optional, texts } from '../fields.ts';

/**
 * `labelIds` alone take tags off every task; with `taskIds`, they and `labelNames` come off these tasks only. The newest SDK
 * sends all three keys, empty lists where it has nothing to say.
 */
export const endpoint = defineEndpoint({
  name: 'deleteTaskLabel',
  paths: ['/api/render/handle/deleteTaskLabel', '/api/render/task/deleteTaskLabel'],
  mutates: true,
  request: z.object({ labelIds: optional(ints), taskIds: optional(ints), labelNames: optional(texts) }),
  async handle({ labelIds = [], taskIds = [], labelNames = [] }, { calls, caller }) {
    if (labelIds.length + labelNames.length === 0)
      throw serverErrors.API_PARAMETER_MISSING('name tags by labelIds or labelNames');
    if (taskIds.length > 0) await calls.removeTaskLabels(caller.accountId, taskIds, labelNames, labelIds);
    else if (labelIds.length > 0) await calls.deleteTaskLabels(caller.accountId, labelIds);
    else
      throw serverErrors.API_PARAMETER_MISSING(
        'labelNames are taken off the tasks of taskIds, which are missing',
      );
    return null;
  },
});
