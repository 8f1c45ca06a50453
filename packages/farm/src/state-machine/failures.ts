/**
 * What a failure costs, by its class:
 *
 *   scene      burns a retry: the third scene fault of a frame is final (error)
 *   timeout    final at once (timedOut): the limit is the user's, another attempt would take as long
 *   memory     costs no retry; the node and the task are kept apart; the third one of a frame is final
 *   node       costs no retry; the node and the task are kept apart, longer each time; a node that failed three
 *   licence    different tasks is rested. Bounded too: after 20 such faults of a frame there is nothing left to try
 *   cancelled  costs nothing. A frame that the node gave up by itself is not handed to it again for a moment: else it
 *              would be booked and given up again without end
 */
import { type FailureClass, HOUR, MINUTE, SECOND } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { loadBoardNode } from '../planner/load-board.ts';
import type { FrameRecord } from './frames.ts';
import type { Cause } from './transitions.ts';

const MOST_SCENE_FAULTS = 3;
const MOST_MEMORY_FAULTS = 3;
const MOST_NODE_FAULTS = 20;
const FIRST_AVOIDANCE_MS = 10 * SECOND;
const LONGEST_AVOIDANCE_MS = HOUR;
const TASKS_BEFORE_REST = 3;
const FIRST_REST_MS = 5 * MINUTE;
const LONGEST_REST_MS = 2 * HOUR;

/** How long a node gets nothing of a task that it refused or gave up. */
const REFUSAL_MS = 5 * SECOND;

export interface Verdict {
  readonly cause: Extract<Cause, 'retry' | 'fail' | 'timeout'>;
  readonly sceneFaults: number;
  readonly otherFaults: number;
  /** The node has its part in it. */
  readonly blamesNode: boolean;
}

export function judge(
  frame: Pick<FrameRecord, 'scene_faults' | 'other_faults'>,
  failure: FailureClass,
): Verdict {
  const { scene_faults: sceneFaults, other_faults: otherFaults } = frame;
  const retryOrFail = (faults: number, most: number) => (faults < most ? 'retry' : 'fail');
  switch (failure) {
    case 'scene': {
      const cause = retryOrFail(sceneFaults + 1, MOST_SCENE_FAULTS);
      return { cause, sceneFaults: sceneFaults + 1, otherFaults, blamesNode: false };
    }
    case 'timeout':
      return { cause: 'timeout', sceneFaults, otherFaults, blamesNode: false };
    case 'cancelled':
      return { cause: 'retry', sceneFaults, otherFaults, blamesNode: false };
    default: {
      const most = failure === 'memory' ? MOST_MEMORY_FAULTS : MOST_NODE_FAULTS;
      const cause = retryOrFail(otherFaults + 1, most);
      return { cause, sceneFaults, otherFaults: otherFaults + 1, blamesNode: true };
    }
  }
}

/** Keeps the pair apart, longer each time, and rests a node that fails different tasks. */
export async function blameNode(tx: FarmTx, nodeId: string, taskId: number): Promise<void> {
  const { count } = await tx.db
    .insertInto('node_faults')
    .values({ node_id: nodeId, task_id: taskId, count: 1, avoid_until: tx.now })
    .onConflict((conflict) =>
      conflict
        .columns(['node_id', 'task_id'])
        .doUpdateSet((eb) => ({ count: eb('node_faults.count', '+', 1) })),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  const until = tx.now + Math.min(FIRST_AVOIDANCE_MS * 2 ** Math.min(count - 1, 20), LONGEST_AVOIDANCE_MS);
  await tx.db
    .updateTable('node_faults')
    .set({ avoid_until: until })
    .where('node_id', '=', nodeId)
    .where('task_id', '=', taskId)
    .execute();
  tx.tell({ kind: 'board', change: (board) => board.avoid(nodeId, taskId, until) });
  await restIfManyTasksFail(tx, nodeId);
}

/** The node gets nothing of the task for a moment, without blame. Kept in memory only. */
export function leaveAlone(tx: FarmTx, nodeId: string, taskId: number): void {
  const until = tx.now + REFUSAL_MS;
  tx.tell({ kind: 'board', change: (board) => board.avoid(nodeId, taskId, until) });
}

async function restIfManyTasksFail(tx: FarmTx, nodeId: string): Promise<void> {
  const { tasks } = await tx.db
    .selectFrom('node_faults')
    .select((eb) => eb.fn.countAll<number>().as('tasks'))
    .where('node_id', '=', nodeId)
    .where('avoid_until', '>', tx.now)
    .executeTakeFirstOrThrow();
  const node = await tx.db
    .selectFrom('nodes')
    .select(['rests', 'resting_until'])
    .where('id', '=', nodeId)
    .executeTakeFirst();
  if (!node || tasks < TASKS_BEFORE_REST || node.resting_until > tx.now) return;
  const restMs = Math.min(FIRST_REST_MS * 2 ** Math.min(node.rests, 20), LONGEST_REST_MS);
  await tx.db
    .updateTable('nodes')
    .set({ rests: node.rests + 1, resting_until: tx.now + restMs })
    .where('id', '=', nodeId)
    .execute();
  const board = await loadBoardNode(tx.db, nodeId);
  if (board) tx.tell({ kind: 'board', change: (memory) => memory.nodeOnline(board) });
  tx.tell({ kind: 'node', nodeId });
  tx.tell({
    kind: 'log',
    fields: { node: nodeId, restMs },
    message: 'node rests: it failed different tasks',
  });
}

/** A finished frame proves the node, for this task and in general. */
export async function clearBlame(tx: FarmTx, nodeId: string, taskId: number): Promise<void> {
  const cleared = await tx.db
    .deleteFrom('node_faults')
    .where('node_id', '=', nodeId)
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  if (cleared.numDeletedRows > 0n) {
    tx.tell({ kind: 'board', change: (board) => board.avoid(nodeId, taskId, 0) });
  }
  await tx.db
    .updateTable('nodes')
    .set({ rests: 0 })
    .where('id', '=', nodeId)
    .where('rests', '>', 0)
    .execute();
}
