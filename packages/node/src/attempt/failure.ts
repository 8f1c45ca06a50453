/** Why a frame failed, as the farm wants to know it: class, code, one sentence. */
import { CroftError, coerceError, type FailureClass, type Log } from '@croft/contract';
import { isDiskFull } from '../inputs/input-cache.ts';

export interface Failure {
  readonly failure: FailureClass;
  readonly code: string;
  readonly reason: string;
}

/** A failure that already carries its class: one the app itself told. */
export class FrameFailure extends Error implements Failure {
  override readonly name = 'FrameFailure';
  readonly failure: FailureClass;
  readonly code: string;
  readonly reason: string;

  constructor(failure: FailureClass, code: string, reason: string) {
    super(reason);
    this.failure = failure;
    this.code = code;
    this.reason = reason;
  }
}

/** Class of each error of the node. What is not listed is the scene's, except bugs, which are the node's. */
const CLASS_OF: Readonly<Record<string, FailureClass>> = {
  NODE_APP_NOT_STARTED: 'node',
  NODE_APP_MISSING: 'node',
  NODE_START_TIMEOUT: 'node',
  NODE_HOME_UNUSABLE: 'node',
  NODE_TOKEN_REFUSED: 'node',
  NODE_FARM_UNREACHABLE: 'node',
  NODE_INTERNAL: 'node',
  NODE_FRAME_TIMEOUT: 'timeout',
  NODE_OUT_OF_MEMORY: 'memory',
  NODE_STOPPED: 'cancelled',
};

const LONGEST_REASON = 4000;

/** Any thrown thing as a failure; a bug is logged with its stack and told as NODE_INTERNAL. */
export function failureOf(thrown: unknown, log: Log): Failure {
  if (thrown instanceof FrameFailure) return clipped(thrown);
  const error = coerceError(thrown);
  if (isDiskFull(error)) {
    return { failure: 'node', code: 'NODE_DISK_FULL', reason: 'the disk of the node is full' };
  }
  if (error instanceof CroftError) {
    const byTransfer = error.code.startsWith('TRANSFER_');
    const failure = CLASS_OF[error.code] ?? (byTransfer ? 'node' : 'scene');
    return clipped({ failure, code: error.code, reason: error.message });
  }
  log.error({ err: error.stack }, 'a bug in the node');
  return clipped({ failure: 'node', code: 'NODE_INTERNAL', reason: `a bug in the node: ${error.message}` });
}

function clipped(failure: Failure): Failure {
  return { failure: failure.failure, code: failure.code, reason: failure.reason.slice(0, LONGEST_REASON) };
}
