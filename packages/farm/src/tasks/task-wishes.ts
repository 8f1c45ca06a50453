/** What the makers and senders of tasks ask for. */
import type { Isolation } from './isolation.ts';

export interface CreateTasks {
  count: number;
  userLevel: number;
  outUserId?: number;
  labels?: string[];
  artist?: string;
  /** A submitted task of the account whose files the new ones get. */
  cloneOriginalId?: number;
  /** Platform that the caller named; its pool renders the task. Absent or 0: what task.json names, else every node. */
  platform?: number;
}

export interface SubmitWish {
  producer?: string;
  /** Keeps the task's files apart from files of the same names. */
  isolation?: Isolation;
}
