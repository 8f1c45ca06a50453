/**
 * The life of a frame, and the one place that allows a step of it.
 *
 * A frame waits. The planner books it: an attempt holds it, and it still counts as waiting, because nothing renders it
 * yet. Its node starts it, and reports it done, with results, or failed. A failed frame waits again unless its failure
 * is final. An attempt that ends, is lost or refused gives back what it still holds: those frames wait again, at no
 * cost. A user may stop what waits or runs, go on with what is stopped, and restart whatever has ended.
 *
 *   cause     from                         to         held by an attempt
 *   start     waiting (held), started      started    stays
 *   done      waiting (held), started      done       released
 *   retry     waiting (held), started      waiting    released
 *   fail      waiting (held), started      error      released
 *   timeout   waiting (held), started      timedOut   released
 *   release   waiting (held), started      waiting    released
 *   stop      waiting, started             aborted    released, its attempt is told
 *   resume    aborted                      waiting    -
 *   restart   started, aborted, done,      waiting    released, its attempt is told
 *             error, timedOut
 *
 * `start`, `done`, `retry`, `fail` and `timeout` come from nodes and are accepted only from the attempt that holds the
 * frame: that is the fence. Bulk steps (stop all, restart all) obey the same table over whole segments.
 */
import { FRAME_STATUS, type FrameStatus } from '@croft/contract';

const { waiting, started, aborted, done, error, timedOut } = FRAME_STATUS;

export type Cause =
  | 'start'
  | 'done'
  | 'retry'
  | 'fail'
  | 'timeout'
  | 'release'
  | 'stop'
  | 'resume'
  | 'restart';

interface Step {
  readonly from: readonly FrameStatus[];
  readonly to: FrameStatus;
}

export const STEPS: Readonly<Record<Cause, Step>> = {
  start: { from: [waiting, started], to: started },
  done: { from: [waiting, started], to: done },
  retry: { from: [waiting, started], to: waiting },
  fail: { from: [waiting, started], to: error },
  timeout: { from: [waiting, started], to: timedOut },
  release: { from: [waiting, started], to: waiting },
  stop: { from: [waiting, started], to: aborted },
  resume: { from: [aborted], to: waiting },
  restart: { from: [started, aborted, done, error, timedOut], to: waiting },
};

/** Whether a frame in `status` may take the step. */
export function mayStep(status: number, cause: Cause): boolean {
  return STEPS[cause].from.some((from) => from === status);
}
