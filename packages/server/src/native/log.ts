/** GET /tasks/{id}/log: plain text, streamed in pieces so that a long log never lies in memory. */
import { Readable } from 'node:stream';
import { KiB } from '@croft/contract';
import { serverErrors } from '../errors.ts';
import type { AttemptLogs } from '../node-link/attempt-logs.ts';
import type { NativeCaller } from './authenticate.ts';
import type { NativeContext } from './route.ts';

const PIECE_BYTES = 256 * KiB;

export async function sendLog(
  context: NativeContext<{ id: number }, { frame: number }, unknown> & { readonly caller: NativeCaller },
) {
  const { caller, params, query, parts, reply } = context;
  const { id: taskId } = await parts.reads.task(caller.accountId, params.id);
  const attempt = await parts.reads.newestAttempt(caller.accountId, query.frame);
  if (attempt !== null && attempt.taskId !== taskId) {
    throw serverErrors.NATIVE_NOT_FOUND(`task ${taskId} has no frame ${query.frame}`);
  }
  reply
    .header('content-type', 'text/plain; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff');
  if (attempt === null) return reply.send('');
  return reply.send(Readable.from(pieces(parts.attemptLogs, attempt)));
}

/** Ends where the log ended when it was asked for, so that a growing log cannot hold the answer open. */
async function* pieces(logs: AttemptLogs, attempt: { taskId: number; attemptId: number }) {
  const size = await logs.size(attempt.taskId, attempt.attemptId);
  for (let offset = 0; offset < size; ) {
    const bytes = await logs.read(
      attempt.taskId,
      attempt.attemptId,
      offset,
      Math.min(PIECE_BYTES, size - offset),
    );
    if (bytes.length === 0) return;
    offset += bytes.length;
    yield bytes;
  }
}
