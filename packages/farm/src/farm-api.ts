/**
 * What the farm does for its doors. `FarmCalls` change something or need the farm's mind: they run in the farm thread,
 * one at a time, against the only write connection, and reach it by message. `FarmReads` only look: they run on a
 * read-only connection in the caller's thread. Both throw `CroftError`s of the farm's catalogue.
 *
 * Every call that names a task, frame, key or project takes the account that asks and answers FARM_NOT_FOUND (404) for
 * an unknown id, FARM_NOT_YOURS (605) for a foreign one and FARM_NOT_ALLOWED (605) for one of its team that it may see but
 * not do this with, before anything is changed. Tasks of sub-accounts and colleagues: `team/task-rights.ts`.
 */
import type {
  BlobId,
  FrameRow,
  FramesCount,
  FromNode,
  NodeFacts,
  NodeReport,
  NodeRow,
  Page,
  ResultRow,
  TaskDetail,
  TaskSummary,
  TreeEntry,
} from '@croft/contract';
import type { AccountCalls } from './accounts/account-calls.ts';
import type { KeyCalls } from './accounts/key-calls.ts';
import type { SignInCalls } from './accounts/sign-in-calls.ts';
import type { CatalogueCalls } from './catalogue/catalogue-calls.ts';
import type { CatalogueReads } from './catalogue/catalogue-reads.ts';
import type { MoneyCalls } from './money/money-calls.ts';
import type { MoneyReads } from './money/money-reads.ts';
import type { AttemptGrant } from './nodes/attempt-grant.ts';
import type { FrameFacts, TaskInfoFacts } from './reads/facts.ts';
import type { FrameFilter, ResultChoice, TaskFilter } from './reads/filters.ts';
import type { PictureReads } from './reads/picture-reads.ts';
import type { RecordCalls, RecordReads } from './records/record-calls.ts';
import type { TaskCalls } from './tasks/task-calls.ts';
import type { CreateTasks, SubmitWish } from './tasks/task-wishes.ts';
import type { CollectionCalls } from './trees/collection-calls.ts';
import type { FileReads } from './trees/file-reads.ts';
import type { TreeRef } from './trees/tree-ref.ts';

export interface FarmCalls
  extends CatalogueCalls,
    MoneyCalls,
    TaskCalls,
    AccountCalls,
    KeyCalls,
    CollectionCalls,
    SignInCalls,
    RecordCalls {
  // accounts and keys
  /** false when the same (accessId, timestamp, nonce) was seen inside the window: a replay. Kept durably. */
  rememberNonce(accessId: string, timestampSeconds: number, nonce: string): Promise<boolean>;

  /** `own` projects unless more are asked for: `main`: the main account's too; `team`: all below it. */
  listProjects(
    accountId: number,
    whose?: 'own' | 'main' | 'team',
  ): Promise<{ projectId: number; projectName: string }[]>;
  /** Idempotent for the same account within 60 s; FARM_PROJECT_EXISTS (503) after that. `status`: 0 on, 1 off. */
  addProject(accountId: number, name: string, status?: number): Promise<number>;
  /** A name that is gone is no error: the answer to the first call may have been lost. */
  deleteProject(accountId: number, name: string): Promise<void>;

  // tasks
  createTasks(accountId: number, wish: CreateTasks): Promise<number[]>;
  /** Saves one of task.json, asset.json, upload.json, tips.json into the config root: `/{taskId}/cfg/{name}`. */
  putTaskFile(accountId: number, taskId: number, name: string, text: string): Promise<void>;
  /** Reads the config root, validates, plans, freezes; idempotent for a task that is already submitted. */
  submitTask(accountId: number, taskId: number, wish: SubmitWish): Promise<void>;
  stopTasks(accountId: number, taskIds: number[]): Promise<void>;
  startTasks(accountId: number, taskIds: number[]): Promise<void>;
  abandonTasks(accountId: number, taskIds: number[]): Promise<void>;
  deleteTasks(accountId: number, taskIds: number[]): Promise<void>;
  restartFailedFrames(accountId: number, taskIds: number[], statuses?: number[]): Promise<void>;
  /**
   * `frameIds` undefined: all frames of the tasks (whose status is among `statuses`, where given). Tasks null: the
   * frame ids alone say which (one SDK generation sends only `ids`); then `frameIds` is given.
   */
  restartFrames(
    accountId: number,
    tasks: number | number[] | null,
    frameIds?: number[],
    statuses?: number[],
  ): Promise<void>;
  stopFrames(
    accountId: number,
    tasks: number | number[] | null,
    frameIds?: number[],
    statuses?: number[],
  ): Promise<void>;
  setUserLevel(accountId: number, taskId: number, level: number): Promise<void>;

  // nodes
  createNodeCode(accountId: number): Promise<{ code: string; expiresAt: number }>;
  enrolNode(code: string, name: string, publicKey: string): Promise<{ nodeId: string }>;
  /** Raw Ed25519 public key, base64; null for an unknown or removed node. */
  nodePublicKey(nodeId: string): Promise<string | null>;
  /** A proven link. Attempts the node holds that are not live any more are cancelled through the outlet. */
  nodeConnected(nodeId: string, facts: NodeFacts, liveAttempts: number[], draining: boolean): Promise<void>;
  nodeDisconnected(nodeId: string): Promise<void>;
  nodePulse(nodeId: string, pulse: Extract<FromNode, { type: 'pulse' }>): Promise<void>;
  /** Resolves after the commit, also for a stale report (which also cancels the attempt on the node). */
  nodeReport(nodeId: string, report: NodeReport): Promise<void>;
  nodeRefused(nodeId: string, attemptId: number, code: string, reason: string): Promise<void>;
  nodeDraining(nodeId: string): Promise<void>;

  // bytes
  /** null for an unknown token or an attempt that is not live. */
  attemptGrant(token: string): Promise<AttemptGrant | null>;
  /** Which of the ids the account (or the account of the attempt) does not refer to yet. */
  missingBlobs(accountId: number, ids: BlobId[]): Promise<Set<BlobId>>;
  /** Those of the sizes that a blob of the account has, so that bytes of another size are new; it may say so of more. */
  sizesReferred(accountId: number, sizes: number[]): Promise<Set<number>>;
  /** Notes that these bytes arrived from this account: it refers to them until the grace time ends or a tree does. */
  blobsArrived(accountId: number, blobs: { id: BlobId; size: number }[]): Promise<void>;
  /** Switches paths to blobs that the account refers to, atomically. Throws FARM_BLOB_MISSING. */
  commitTree(tree: TreeRef, entries: TreeEntry[]): Promise<{ version: number }>;

  /** Everything derived is dropped and rebuilt from the store; the healing tick uses it, tests too. */
  settle(): Promise<void>;
}

export interface FarmReads extends MoneyReads, CatalogueReads, RecordReads, PictureReads, FileReads {
  listTasks(accountId: number, filter: TaskFilter): Promise<Page<TaskSummary>>;
  /** As `listTasks`, with what the Renderbus TaskInfo object needs. */
  listTaskInfos(accountId: number, filter: TaskFilter): Promise<Page<TaskInfoFacts>>;
  task(accountId: number, taskId: number): Promise<TaskDetail>;
  /** Facts of a task that the Renderbus TaskInfo object needs beyond TaskDetail. */
  taskInfos(accountId: number, taskIds: number[]): Promise<TaskInfoFacts[]>;
  /** FARM_NOT_ALLOWED where the account sees the task but may not download its results. */
  mayDownload(accountId: number, taskId: number): Promise<void>;
  frames(accountId: number, taskId: number, filter: FrameFilter): Promise<Page<FrameRow & FrameFacts>>;
  /** What a frame's object says of its task. */
  frameTask(
    accountId: number,
    taskId: number,
  ): Promise<{ createdAt: number; reminderSec: number; ramGb: number | null }>;
  /**
   * Whose tasks the account is shown: its own, its sub-accounts' unless `displaySubaccount` is off, and those of colleagues
   * that it may see. Lists, totals and events follow it.
   */
  accountsShown(accountId: number): Promise<number[]>;
  frameTotals(accountId: number): Promise<FramesCount>;
  results(
    accountId: number,
    taskId: number,
    page: number,
    size: number,
    choice?: ResultChoice,
  ): Promise<Page<ResultRow>>;
  /** Attempt that holds the newest log of a frame, and where its text lies; null where none started. */
  newestAttempt(accountId: number, frameId: number): Promise<{ attemptId: number; taskId: number } | null>;
  nodes(): Promise<NodeRow[]>;
  /** Entries below `prefix` at `version` (default newest), ordered by path. */
  treeEntries(tree: TreeRef, prefix: string, version?: number): AsyncIterable<TreeEntry>;
  treeEntry(tree: TreeRef, path: string, version?: number): Promise<TreeEntry | null>;
  /** The entries of those of the paths that are files, in no order. */
  treeEntriesAt(tree: TreeRef, paths: readonly string[], version?: number): Promise<TreeEntry[]>;
  /** Indexes of those entries that the newest version does not show with exactly this blob, size and time; ascending. */
  differingEntries(
    tree: TreeRef,
    entries: readonly TreeEntry[],
  ): Promise<{ version: number; differing: number[] }>;
  /** The files that upload.json of the attempt's task names, as they were at submit, ordered by path. */
  attemptInputs(grant: AttemptGrant): AsyncIterable<TreeEntry>;
  /** Size of a blob if the attempt's inputs refer to it, else null. */
  inputBlobSize(grant: AttemptGrant, id: BlobId): Promise<number | null>;
  /** Sizes of those of the blobs that the attempt's inputs refer to. */
  inputBlobSizes(grant: AttemptGrant, ids: readonly BlobId[]): Promise<Map<BlobId, number>>;
  /**
   * A number that is another one after every commit: equal ones mean that nothing has changed between. null where the store
   * cannot tell for less than a reading costs.
   */
  version(): Promise<number | null>;
  /** Blob of a `/files/...` picture capability, null where it names none. */
  picture(capability: string): Promise<{ id: BlobId; size: number; format: string } | null>;
  close(): Promise<void>;
}

export interface Farm {
  readonly calls: FarmCalls;
  readonly reads: FarmReads;
  /** Stops planning, ends the thread after the running commit, closes connections. */
  close(): Promise<void>;
}
