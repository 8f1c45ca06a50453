/**
 * The tables, as their newest migration leaves them. Numbers are integers below 2^53 unless named otherwise, times are
 * milliseconds since 1970 (`…_at`), truths are 0 or 1, `json` columns hold JSON text.
 *
 * Frames are sparse. A segment of a million frames is one row; a frame gets a row when something first happens to it
 * ("touched"). What has no row, or only a row of an older `epoch` than its segment's, has the segment's
 * `default_status`. `blocks` and the count columns of `segments` count touched rows only, so that raising the epoch
 * (restart all) or changing the default (stop all) costs the same for ten frames and for a million.
 */
import type { Generated, Kysely } from 'kysely';
import type { AccountTables } from './tables/accounts.ts';
import type { CatalogueTables, TaskPlaceColumns } from './tables/catalogue.ts';
import type { AttemptColumns, MoneyTables } from './tables/money.ts';
import type { SignInTables } from './tables/sign-in.ts';
import type { TaskColumns, TaskTables } from './tables/tasks.ts';

/** Counts of touched frame rows by status, in segments and blocks. */
export interface TouchedCounts {
  waiting: number;
  started: number;
  aborted: number;
  done: number;
  error: number;
  timed_out: number;
}

export interface CodesTable {
  /** SHA-256 of the code, hex. */
  hash: string;
  purpose: 'sign-in' | 'node';
  account_id: number;
  expires_at: number;
  used_at: number | null;
}
export interface NoncesTable {
  access_id: string;
  signed_at_sec: number;
  nonce: string;
  seen_at: number;
}
export interface ProjectsTable {
  id: number;
  account_id: number;
  name: string;
  /** 0 on, 1 off, as the client said; lists show both. */
  status: Generated<number>;
  created_at: number;
}
export interface NodesTable {
  id: string;
  name: string;
  public_key: string;
  enrolled_at: number;
  removed_at: number | null;
  /** json: NodeFacts of the last hello; null before the first. */
  facts: string | null;
  online: number;
  draining: number;
  seen_at: number;
  /** When the link was lost; null while online. */
  lost_at: number | null;
  disk_free_bytes: number;
  resting_until: number;
  /** How often in a row it was rested; a finished frame sets it to 0. */
  rests: number;
}
/** Pairs of node and task that failed by the node's fault and are kept apart until `avoid_until`. */
export interface NodeFaultsTable {
  node_id: string;
  task_id: number;
  count: number;
  avoid_until: number;
}
export interface BlobsTable {
  id: string;
  size: number;
  arrived_at: number;
}
export interface AccountBlobsTable {
  account_id: number;
  blob_id: string;
  arrived_at: number;
}
export interface TreesTable {
  account_id: number;
  root: string;
  version: number;
}
export interface TreeEntriesTable {
  account_id: number;
  root: string;
  path: string;
  version_from: number;
  /** First version that does not show the row any more; null: still shown. Rows are closed, never overwritten. */
  version_to: number | null;
  /** When the row was closed; null while it shows, and for rows closed before schema 2. */
  closed_at: number | null;
  blob_id: string;
  size: number;
  mtime_ms: number;
}
export interface TasksTable extends TaskColumns, TaskPlaceColumns {
  id: number;
  account_id: number;
  status: number;
  created_at: number;
  submitted_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  deleted_at: number | null;
  /** Since when it renders without having been stopped, paused or restarted: what `task_stop_time` counts from. */
  running_since: number | null;
  /** When the background finished dropping the frames of a deleted task. */
  purged_at: number | null;
  user_level: number;
  out_user_id: number | null;
  labels: string;
  artist: string | null;
  producer: string | null;
  scene_name: string;
  output_name: string | null;
  app: string | null;
  cg_id: number | null;
  /** Version the scene asks for, and the version all its frames get, frozen at the first booking. */
  app_version: string | null;
  render_version: string | null;
  project_name: string;
  frames_range: string;
  scene_path: string;
  settings: string;
  needs: string;
  input_account_id: number;
  input_version: number;
  inputs_key: string;
  frame_timeout_ms: number;
  over_time_stop_sec: number;
  submit_order: number;
  render_ms: number;
  /** json: sentences why no frame of it is being rendered. */
  waiting_for: string;
}
/** Paths of the input tree that the task's upload.json names; their blobs are those of the frozen version. */
export interface TaskInputsTable {
  task_id: number;
  path: string;
}
export interface SegmentsTable extends TouchedCounts {
  id: number;
  task_id: number;
  position: number;
  stage: string;
  frame_type: number;
  /** json: FrameRun[]. */
  runs: string;
  frames_per_unit: number;
  tiles: number;
  one_attempt: number;
  pause_after: number;
  /** Frame id of ordinal 0. */
  base: number;
  size: number;
  epoch: number;
  default_status: number;
  /** Whether its frames may be booked: the segments before it are finished and nobody is asked to go on. */
  open: number;
  /** Finished frames and their milliseconds since the last restart of all: the mean that sizes chunks. */
  timed_frames: number;
  timed_ms: number;
}
export interface BlocksTable extends TouchedCounts {
  segment_id: number;
  block: number;
  epoch: number;
}
export interface FramesTable {
  id: number;
  task_id: number;
  segment_id: number;
  epoch: number;
  status: number;
  /** Counts every change of the row. */
  version: number;
  percent: number;
  /** The live attempt that holds the frame. */
  attempt_id: number | null;
  /** Newest attempt that started it: where its log is. */
  last_attempt_id: number | null;
  /** The attempt whose results are published. */
  result_attempt_id: number | null;
  node_id: string | null;
  started_at: number | null;
  ended_at: number | null;
  attempts: number;
  scene_faults: number;
  other_faults: number;
  restarts: number;
  peak_memory_bytes: number | null;
  failure_class: string | null;
  failure_code: string | null;
  failure_reason: string | null;
}
export interface AttemptsTable extends AttemptColumns {
  id: number;
  task_id: number;
  segment_id: number;
  node_id: string;
  /** SHA-256 of the bearer token, hex. */
  token_hash: string;
  state: 'ordered' | 'running' | 'ended';
  first_ordinal: number;
  last_ordinal: number;
  /** Frames reported over, by this attempt. */
  reported: number;
  booked_at: number;
  started_at: number | null;
  ended_at: number | null;
  end_reason: string | null;
}
export interface ResultsTable {
  task_id: number;
  frame_id: number;
  path: string;
  attempt_id: number;
  blob_id: string;
  size: number;
  mtime_ms: number;
  frame: number | null;
  format: string;
  kind: string;
  layer: string | null;
  camera: string | null;
  width: number | null;
  height: number | null;
  of_path: string | null;
  /** Unguessable name of a thumbnail at the pictures door. */
  capability: string | null;
  published_at: number;
}
export interface SequencesTable {
  name: string;
  next: number;
}
export interface MigrationsTable {
  version: number;
  name: string;
  applied_at: number;
}

export interface Schema extends AccountTables, MoneyTables, SignInTables, TaskTables, CatalogueTables {
  codes: CodesTable;
  nonces: NoncesTable;
  projects: ProjectsTable;
  nodes: NodesTable;
  node_faults: NodeFaultsTable;
  blobs: BlobsTable;
  account_blobs: AccountBlobsTable;
  trees: TreesTable;
  tree_entries: TreeEntriesTable;
  tasks: TasksTable;
  task_inputs: TaskInputsTable;
  segments: SegmentsTable;
  blocks: BlocksTable;
  frames: FramesTable;
  attempts: AttemptsTable;
  results: ResultsTable;
  sequences: SequencesTable;
  migrations: MigrationsTable;
}
/** Anything that runs statements against the farm's tables: the reads connection, or a transaction's handle. */
export type Db = Kysely<Schema>;
