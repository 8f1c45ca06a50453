/** Why a task is not being rendered now, or not by more nodes: one sentence a reason. */
import { type FramesCount, TASK_STATUS } from '@croft/contract';
import { nodesHolding } from '../planner/task-limit.ts';
import { segmentsOf } from '../state-machine/frames.ts';
import { siblingBefore } from '../state-machine/task-status.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';

const LIVE: readonly number[] = [TASK_STATUS.waiting, TASK_STATUS.rendering, TASK_STATUS.preRendering];
/** Of a parent: those of its children, each once. */
const MOST_SENTENCES = 10;

/** `frames` are the task's counts; `children` those of a parent. */
export async function waitingReasons(
  db: Db,
  task: TaskRow,
  frames: FramesCount,
  children: readonly TaskRow[] = [],
): Promise<string[]> {
  if (task.status === TASK_STATUS.arrearsStopped)
    return ['Nothing is left that could pay for it: it goes on by itself after a top-up.'];
  if (!LIVE.includes(task.status)) return [];
  // The saved reasons are those of the last pass without a booking; while a frame runs they are history.
  if (frames.running > 0) return frames.waiting > 0 ? limitReasons(db, task, children) : [];
  if (children.length === 0) return savedReasons(db, task);
  const sentences = new Set<string>();
  for (const child of children) for (const sentence of await savedReasons(db, child)) sentences.add(sentence);
  return [...sentences].slice(0, MOST_SENTENCES);
}

async function savedReasons(db: Db, task: TaskRow): Promise<string[]> {
  if (!LIVE.includes(task.status)) return [];
  if (task.after_id !== 0 && (await siblingBefore(db, task)) === 'running') {
    const [first] = await segmentsOf(db, task.id);
    if (first?.open === 0) return [`It begins when task ${task.after_id}, which comes before it, is done.`];
  }
  return JSON.parse(task.waiting_for) as string[];
}

/** While a task renders on as many nodes as it may, its other frames wait for that alone. */
async function limitReasons(db: Db, task: TaskRow, children: readonly TaskRow[]): Promise<string[]> {
  const limit = task.node_limit;
  if (limit === null) return [];
  const held = await nodesHolding(db, children.length > 0 ? children.map(({ id }) => id) : [task.id]);
  return held.size < limit
    ? []
    : [`The task may hold ${limit} ${limit === 1 ? 'node' : 'nodes'} at a time, and does.`];
}
