/** What the Renderbus API shows of tasks and frames beyond the contract's rows. */
import type { TaskDetail } from '@croft/contract';
import type { FrameMoney, TaskMoney } from '../money/shown-money.ts';

/** Frame facts beyond `FrameRow` that the API's FrameInfo shows. */
export interface FrameFacts {
  money: FrameMoney;
  frameType: number;
  /** `frameIndex`: "1", "0-1", "2-4[1]". */
  frameIndex: string;
  /** The task it belongs to: a child's, where a parent was asked for. */
  taskId: number;
  tile: number;
  tiles: number;
  restarts: number;
  peakMemoryBytes: number | null;
}

export interface TaskInfoFacts extends TaskDetail {
  /** What its platform puts before its id. */
  taskPrefix: string;
  money: TaskMoney;
  accountId: number;
  cgId: number | null;
  isDeleted: boolean;
  producer: string | null;
  renderMs: number;
  /** A parent's children, in rendering order; empty for all others. */
  children: TaskInfoFacts[];
  cloneOriginalId: number;
  reminderSec: number;
  renderCamera: string;
  ramGb: number | null;
  /** The account whose files it renders shares them with its sub-accounts. */
  usesMainCapital: boolean;
}
