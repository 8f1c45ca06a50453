/** What doors do with labels, limits, clones and full speed of tasks. */
import type { CallParts } from '../call-parts.ts';
import { fullSpeed } from '../state-machine/user-actions.ts';
import { withOtherFrames } from './clone.ts';
import { addLabel, deleteLabels, type LabelChange, operateLabel, removeLabels } from './labels.ts';
import { setNodeLimit, setOverTimeStop } from './limits.ts';
import { ownTask } from './own-task.ts';
import { linkTaskFile, taskFilePath } from './task-files.ts';

export interface TaskCalls {
  /** Puts a label on tasks. Idempotent. */
  addTaskLabel(accountId: number, name: string, taskIds: number[]): Promise<void>;
  /** Takes labels off all tasks that bear them. Idempotent; FARM_NOT_FOUND for an id that was never given out. */
  deleteTaskLabels(accountId: number, labelIds: number[]): Promise<void>;
  /** Takes labels off some tasks, by name or id. Idempotent; an id that was never given out is FARM_NOT_FOUND. */
  removeTaskLabels(accountId: number, taskIds: number[], names: string[], labelIds?: number[]): Promise<void>;
  /** One change of one task's labels, as the oldest clients say it. */
  operateTaskLabel(accountId: number, taskId: number, change: LabelChange): Promise<void>;
  /** Tasks that wait after their test frames (40) go on; all others stay as they are. */
  fullSpeed(accountId: number, taskIds: number[]): Promise<void>;
  /** Most nodes that the task may hold at a time; null or 0: any. */
  setNodeLimit(accountId: number, taskId: number, limit: number | null): Promise<void>;
  /** Seconds of rendering after which tasks are stopped (23); 0: never. Part of a second counts as a whole one. */
  setOverTimeStop(accountId: number, taskIds: number[], seconds: number): Promise<void>;
  /** Writes other frames into the task.json of a task that was not submitted yet, e.g. a clone. */
  changeFrames(accountId: number, taskId: number, frames: string): Promise<void>;
}

export function taskCalls({ db, writer, blobs }: CallParts): TaskCalls {
  return {
    addTaskLabel: (accountId, name, ids) => writer.run((tx) => addLabel(tx, accountId, name, ids)),
    deleteTaskLabels: (accountId, ids) => writer.run((tx) => deleteLabels(tx, accountId, ids)),
    removeTaskLabels: (accountId, ids, names, labelIds = []) =>
      writer.run((tx) => removeLabels(tx, accountId, ids, names, labelIds)),
    operateTaskLabel: (accountId, taskId, change) =>
      writer.run((tx) => operateLabel(tx, accountId, taskId, change)),
    fullSpeed: (accountId, ids) => writer.run((tx) => fullSpeed(tx, accountId, ids)),
    setNodeLimit: (accountId, taskId, limit) =>
      writer.run((tx) => setNodeLimit(tx, accountId, taskId, limit)),
    setOverTimeStop: (accountId, ids, seconds) =>
      writer.run((tx) => setOverTimeStop(tx, accountId, ids, seconds)),
    async changeFrames(accountId, taskId, frames) {
      const task = await ownTask(db, accountId, taskId);
      if (task.submitted_at !== null) return;
      const text = await withOtherFrames(db, blobs, task, frames);
      const blob = await blobs.store(new TextEncoder().encode(text));
      await writer.run((tx) => linkTaskFile(tx, task.account_id, taskFilePath(taskId, 'task.json'), blob));
    },
  };
}
