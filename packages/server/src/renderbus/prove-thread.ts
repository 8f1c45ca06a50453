/** Entry of the thread that proves long bodies, one after another. */
import { parentPort } from 'node:worker_threads';
import { CroftError, coerceError, type ErrorBody } from '@croft/contract';
import { type Proof, prove, type ToProve } from './prove.ts';

export interface ProveQuestion extends ToProve {
  readonly id: number;
}
export type ProveAnswer =
  | { readonly id: number; readonly proof: Proof }
  /** `error` where the body is at fault; `bug` where we are. */
  | { readonly id: number; readonly error: ErrorBody }
  | { readonly id: number; readonly bug: string };

if (!parentPort) throw new Error('this file is the entry of a thread');
const port = parentPort;
port.on('message', (question: ProveQuestion) => port.postMessage(answerOf(question)));

function answerOf(question: ProveQuestion): ProveAnswer {
  const { id } = question;
  try {
    return { id, proof: prove(question) };
  } catch (thrown) {
    const error = coerceError(thrown);
    return error instanceof CroftError
      ? { id, error: error.toJSON() }
      : { id, bug: error.stack ?? error.message };
  }
}
