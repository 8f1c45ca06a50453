/** Which frame's log a user means. */
import { FRAME_STATUS, type FrameRow } from '@croft/contract';
import { sdkErrors } from './errors.ts';
import type { NativeClient } from './native-client.ts';

const AT_REST = new Set<number>([
  FRAME_STATUS.done,
  FRAME_STATUS.error,
  FRAME_STATUS.aborted,
  FRAME_STATUS.timedOut,
]);

/** Whether a frame writes no more log by itself. */
export function isFrameAtRest(status: number): boolean {
  return AT_REST.has(status);
}

/**
 * The frame of that name; without a name the first failed one, else the first that runs, else the first. Throws
 * SDK_NOT_FOUND where the task has no such frame.
 */
export async function frameWithLog(native: NativeClient, taskId: number, name?: string): Promise<FrameRow> {
  let first: FrameRow | null = null;
  let running: FrameRow | null = null;
  for await (const row of native.allFrames(taskId)) {
    if (name !== undefined) {
      if (row.frame === name) return row;
      continue;
    }
    if (row.status === FRAME_STATUS.error) return row;
    if (row.status === FRAME_STATUS.started) running ??= row;
    first ??= row;
  }
  const found = running ?? first;
  if (found) return found;
  const what = name === undefined ? 'no frames yet' : `no frame ${JSON.stringify(name)}`;
  throw sdkErrors.SDK_NOT_FOUND(`task ${taskId} has ${what}`, {
    hint: `"croft task ${taskId}" lists its frames.`,
  });
}
