/** Columns and tables of labels, clones, child tasks, limits and isolation. */
import type { Generated } from 'kysely';

/** What a task has beyond its scene and its frames. */
export interface TaskColumns {
  /** The task whose child this one is; 0 for none. A child has its parent's account, for ever. */
  parent_id: Generated<number>;
  /** Children made at submit; a parent has no frames of its own, and its status follows theirs. */
  child_count: Generated<number>;
  /** The sibling that must be done (25) before frames of this task may be booked; 0 for none. */
  after_id: Generated<number>;
  /** The task this one was cloned from, and the first of that line; 0 for none. */
  clone_parent_id: Generated<number>;
  clone_original_id: Generated<number>;
  /** `time_out` of task.json: a task or frame that renders for longer is over time. Seconds; 0: never. */
  reminder_sec: Generated<number>;
  /** When the task was first seen over that time; null: not since its last start of all frames. */
  over_time_at: Generated<number | null>;
  /** '' for a parent, else `Render`, `RenderPhoton`, `GopRender`. */
  task_type: Generated<string>;
  layer_name: Generated<string>;
  render_camera: Generated<string>;
  /** Where in the input tree its files lie, before their paths: '' or `/000/012/345` of an isolated task. */
  input_prefix: Generated<string>;
  /** Nodes that may render it at a time, those of all its children together; null: any. */
  node_limit: Generated<number | null>;
  /** Memory that task.json asks for, GiB. */
  ram_gb: Generated<number | null>;
}

/** A tag that an account puts on its tasks. `status` 0 on, 1 off: one that is off is not shown. */
export interface LabelsTable {
  id: number;
  account_id: number;
  name: string;
  status: number;
  created_at: number;
}
export interface TaskLabelsTable {
  task_id: number;
  label_id: number;
}

/**
 * Folders of the input tree that hold the assets of isolated tasks. `owner` is the task id (TASK_ID_MODEL) or the out
 * user's id (OUT_USER_MODEL); from `remove_after` on nobody may count on the files any more.
 */
export interface IsolatedFoldersTable {
  account_id: number;
  prefix: string;
  model: string;
  owner: string;
  made_at: number;
  last_used_at: number;
  remove_after: number;
}

export interface TaskTables {
  labels: LabelsTable;
  task_labels: TaskLabelsTable;
  isolated_folders: IsolatedFoldersTable;
}
