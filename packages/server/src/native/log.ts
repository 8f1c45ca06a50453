/**
 * GET /tasks/{id}/log: the log of a frame's newest attempt as plain text, streamed in pieces so that a long log never
 * lies in memory.
 *
 * Following: an answer says in two headers which attempt it is of and at which byte it ends. Who asks again with both
 * gets only what came since; where another attempt has begun meanwhile, that one's log from its start. An answer ends
 * with a whole character, so the parts put together are the log.
 */
import { Readable } from 'node:stream';
import { KiB, LOG_HEADERS } from '@croft/contract';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';
import type { AttemptLogs } from '../node-link/attempt-logs.ts';
import type { NativeCaller } from './authenticate.ts';
import type { NativeContext } from './route.ts';

const PIECE_BYTES = 256 * KiB;
/** A UTF-8 character has at most this many bytes. */
const MOST_CHARACTER_BYTES = 4;

const whole = z.coerce.number().int().nonnegative();

export const logQuerySchema = z.object({
  frame: whole,
  /** Byte offset to go on from; of another attempt than `attempt` it means nothing. */
  from: whole.optional(),
  attempt: whole.optional(),
  /** At most about this many bytes from the end. */
  last: whole.optional(),
});
type LogQuery = z.infer<typeof logQuerySchema>;

interface Attempt {
  readonly taskId: number;
  readonly attemptId: number;
}

export async function sendLog(
  context: NativeContext<{ id: number }, LogQuery, unknown> & { readonly caller: NativeCaller },
) {
  const { caller, params, query, parts, reply } = context;
  const { id: taskId, childIds } = await parts.reads.task(caller.accountId, params.id);
  const attempt = await parts.reads.newestAttempt(caller.accountId, query.frame);
  if (attempt !== null && ![taskId, ...childIds].includes(attempt.taskId)) {
    throw serverErrors.NATIVE_NOT_FOUND(`task ${taskId} has no frame ${query.frame}`);
  }
  reply
    .header('content-type', 'text/plain; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff');
  if (attempt === null) return reply.send('');
  const logs = parts.attemptLogs;
  const end = await wholeEnd(logs, attempt);
  const start = Math.min(end, await startOf(logs, attempt, query, end));
  reply.header(LOG_HEADERS.attempt, attempt.attemptId).header(LOG_HEADERS.end, end);
  return reply.send(Readable.from(pieces(logs, attempt, start, end)));
}

async function startOf(logs: AttemptLogs, attempt: Attempt, query: LogQuery, end: number): Promise<number> {
  const isSame = query.attempt === undefined || query.attempt === attempt.attemptId;
  const from = isSame ? (query.from ?? 0) : 0;
  if (query.last === undefined || end - from <= query.last) return from;
  const cut = end - query.last;
  const bytes = await logs.read(attempt.taskId, attempt.attemptId, cut, MOST_CHARACTER_BYTES);
  const first = bytes.findIndex((byte) => !isContinuation(byte));
  return cut + Math.max(0, first);
}

/** Where the log ends now, without the beginning of a character whose rest is still to come. */
async function wholeEnd(logs: AttemptLogs, { taskId, attemptId }: Attempt): Promise<number> {
  const size = await logs.size(taskId, attemptId);
  const from = Math.max(0, size - MOST_CHARACTER_BYTES);
  const tail = await logs.read(taskId, attemptId, from, size - from);
  const first = tail.findLastIndex((byte) => !isContinuation(byte));
  const isCut = first >= 0 && tail.length - first < characterBytes(tail[first]!);
  return isCut ? from + first : size;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** How many bytes the character has that begins with this one. */
function characterBytes(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Ends where the log ended when it was asked for, so that a growing log cannot hold the answer open. */
async function* pieces(logs: AttemptLogs, { taskId, attemptId }: Attempt, start: number, end: number) {
  for (let offset = start; offset < end; ) {
    const bytes = await logs.read(taskId, attemptId, offset, Math.min(PIECE_BYTES, end - offset));
    if (bytes.length === 0) return;
    offset += bytes.length;
    yield bytes;
  }
}
