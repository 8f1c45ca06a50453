/** What a mutation has to say once it is committed: to doors and nodes, to the planner's memory, to the log. */
import type { ToNode } from '@croft/contract';
import type { Board } from './planner/board.ts';
import type { Tx } from './store/group-writer.ts';

export type News =
  /** The task's summary changed; many in a row become one event. */
  | { kind: 'task'; taskId: number }
  | { kind: 'task-deleted'; taskId: number; accountId: number }
  | {
      kind: 'frame';
      accountId: number;
      taskId: number;
      frameId: number;
      frame: string;
      status: number;
      percent: number;
    }
  | { kind: 'node'; nodeId: string }
  | { kind: 'to-node'; nodeId: string; message: ToNode }
  /** What an account can pay has changed: its tasks may have to stop, or may go on. */
  | { kind: 'money' }
  /** A change of the planner's memory; it wakes the planner. */
  | { kind: 'board'; change: (board: Board) => void }
  | { kind: 'log'; fields: object; message: string };

/** The handle of the farm's mutations. */
export type FarmTx = Tx<News>;
