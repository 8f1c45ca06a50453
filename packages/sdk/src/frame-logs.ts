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

/** A frame, and on which page of the task's frames it stands where that is known. */
export interface FoundFrame {
  readonly row: FrameRow;
  readonly page: number | null;
}

/** The most rows that a farm gives in one page. */
const PAGE_ROWS = 1000;

/**
 * The frame of that name; without a name the first failed one, else the first that runs, else the first. Throws
 * SDK_NOT_FOUND where the task has no such frame.
 */
export async function frameWithLog(native: NativeClient, taskId: number, name?: string): Promise<FoundFrame> {
  if (name !== undefined) {
    const found = await searched(native, taskId, (row) => row.frame === name);
    return found ?? notFound(taskId, `no frame ${JSON.stringify(name)}`);
  }
  for (const status of [FRAME_STATUS.error, FRAME_STATUS.started, undefined]) {
    const { items } = await native.frames(taskId, 1, 1, status === undefined ? [] : [status]);
    if (items[0] !== undefined) return { row: items[0], page: null };
  }
  return notFound(taskId, 'no frames yet');
}

/** The same frame as it is now, from the one page that holds it. */
export async function frameAgain(
  native: NativeClient,
  taskId: number,
  { row, page }: FoundFrame,
): Promise<FoundFrame> {
  const isIt = (other: FrameRow) => other.id === row.id;
  const there = page === null ? undefined : (await native.frames(taskId, page, PAGE_ROWS)).items.find(isIt);
  if (there !== undefined) return { row: there, page };
  return (
    (await searched(native, taskId, isIt)) ??
    notFound(taskId, `no frame ${JSON.stringify(row.frame)} any more`)
  );
}

async function searched(
  native: NativeClient,
  taskId: number,
  isIt: (row: FrameRow) => boolean,
): Promise<FoundFrame | null> {
  for (let page = 1; ; page++) {
    const { items, size, total } = await native.frames(taskId, page, PAGE_ROWS);
    const row = items.find(isIt);
    if (row !== undefined) return { row, page };
    if (items.length === 0 || page * size >= total) return null;
  }
}

function notFound(taskId: number, what: string): never {
  throw sdkErrors.SDK_NOT_FOUND(`task ${taskId} has ${what}`, {
    hint: `"croft task ${taskId}" lists its frames.`,
  });
}
