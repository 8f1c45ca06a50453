/**
 * What the farm thread and its owner say to each other.
 *
 * The owner opens the thread with `StartData`, gets `ready` (or `failed`), and sends `call`s; the thread answers each
 * with `answer` under the same id. Unasked, the thread sends `event`, `to-node` and `log`. It asks its owner for blob
 * bytes with `blobs`, answered by `blobs-answer`: the owner's blob store stays the only one that is open. Errors travel
 * as `SentError`, so a CroftError arrives as one with its code, and a bug with its stack.
 */
import { CroftError, coerceError, type ErrorBody, type FarmEvent, type ToNode } from '@croft/contract';
import type { FarmCalls } from '../farm-api.ts';
import type { SmallBlobs } from '../ports.ts';

export interface StartData {
  readonly home: string;
  readonly nodeGraceMs?: number | undefined;
}

export type ToThread =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: keyof FarmCalls;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'blobs-answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: SentError }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly type: 'event'; readonly event: FarmEvent; readonly accountId: number | null }
  | { readonly type: 'to-node'; readonly nodeId: string; readonly message: ToNode }
  | {
      readonly type: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    }
  | {
      readonly type: 'blobs';
      readonly id: number;
      readonly method: keyof SmallBlobs;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'closed' };

export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: SentError };

export type SentError =
  | { readonly kind: 'croft'; readonly body: ErrorBody }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string | undefined };

export function sendError(thrown: unknown): SentError {
  const error = coerceError(thrown);
  if (error instanceof CroftError) return { kind: 'croft', body: error.toJSON() };
  return { kind: 'bug', message: error.message, stack: error.stack };
}

export function receiveError(sent: SentError): Error {
  if (sent.kind === 'croft') return CroftError.from(sent.body);
  const error = new Error(sent.message);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** Runs the work and wraps its outcome. */
export async function answerOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: sendError(thrown) };
  }
}
