import { ISOLATION_MODELS } from '@croft/contract';
import type { Isolation } from '@croft/farm';
import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';

const request = z.object({
  taskId: int,
  producer: optional(text),
  assetIsolationModel: optional(
    z
      .string()
      .transform((word) => word.toUpperCase())
      .pipe(z.enum(ISOLATION_MODELS)),
  ),
  outUserId: optional(text),
});

/** A second submit of a submitted task succeeds: the first reply may have been lost on its way. */
export const endpoint = defineEndpoint({
  name: 'submitTask',
  paths: ['/api/render/submit/task', '/api/render/task/submitTask'],
  mutates: true,
  needs: 'submit',
  request,
  async handle(wish, { calls, caller }) {
    const isolation = isolationOf(wish);
    await calls.submitTask(caller.accountId, wish.taskId, {
      ...(wish.producer === undefined ? {} : { producer: wish.producer }),
      ...(isolation === null ? {} : { isolation }),
    });
    return null;
  },
});

function isolationOf({ assetIsolationModel: model, outUserId }: z.infer<typeof request>): Isolation | null {
  if (model === undefined) return null;
  if (model === 'OUT_USER_MODEL' && outUserId === undefined)
    throw serverErrors.API_PARAMETER_MISSING('outUserId is missing');
  return { model, ...(outUserId === undefined ? {} : { outUserId }) };
}
