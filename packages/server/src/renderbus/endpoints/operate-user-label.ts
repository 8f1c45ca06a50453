import type { LabelChange } from '@croft/farm';
import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';

const request = z.object({
  taskId: int,
  status: int.pipe(z.int().min(0).max(1)),
  type: optional(int.pipe(z.int().min(0).max(2))),
  newName: optional(text),
  delName: optional(text),
});

/**
 * Tags of one task, as SDK 2.1 and 2.2 change them: `type` 0 switches all of its tags on (`status` 0) or off (1), 1 adds
 * `newName`, 2 takes `delName` off.
 */
export const endpoint = defineEndpoint({
  name: 'operateUserLabel',
  paths: ['/api/rendering/task/common/operateUserLabel'],
  mutates: true,
  request,
  async handle(wish, { calls, caller }) {
    await calls.operateTaskLabel(caller.accountId, wish.taskId, changeOf(wish));
    return null;
  },
});

function changeOf({ type = 0, status, newName, delName }: z.infer<typeof request>): LabelChange {
  if (type === 0) return { kind: 'status', status };
  const name = type === 1 ? newName : delName;
  if (name === undefined)
    throw serverErrors.API_PARAMETER_MISSING(`${type === 1 ? 'newName' : 'delName'} is missing`);
  return type === 1 ? { kind: 'add', name, status } : { kind: 'remove', name };
}
