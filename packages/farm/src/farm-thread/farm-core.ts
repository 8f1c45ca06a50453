/**
 * The farm's mind in one place: the write connection, the planner's memory, and the calls that use them. It runs in the
 * farm thread, or in the caller's thread for tests and tools. Nothing here knows how calls arrive.
 */
import { type BlobId, isBlobId } from '@croft/contract';
import { accountCalls } from '../accounts/account-calls.ts';
import { assetAccounts, firstAccount } from '../accounts/accounts.ts';
import { keyCalls } from '../accounts/key-calls.ts';
import { rememberNonce } from '../accounts/nonces.ts';
import { addProject, deleteProject, listProjects } from '../accounts/projects.ts';
import { signInCalls } from '../accounts/sign-in-calls.ts';
import type { CallParts } from '../call-parts.ts';
import { catalogueCalls } from '../catalogue/catalogue-calls.ts';
import { watchCatalogue } from '../catalogue/watch-file.ts';
import type { FarmCalls } from '../farm-api.ts';
import { moneyCalls } from '../money/money-calls.ts';
import { startMoneyWatch } from '../money/watch.ts';
import type { News } from '../news.ts';
import { createNodeCode, enrolNode, nodePublicKey } from '../nodes/enrolment.ts';
import {
  giveUpLostNodes,
  LOST_GRACE_MS,
  nodeConnected,
  nodeDisconnected,
  nodeDraining,
  nodePulse,
  nodeRefused,
  nodesAwayAtStart,
} from '../nodes/presence.ts';
import { Board } from '../planner/board.ts';
import { loadBoard } from '../planner/load-board.ts';
import { startPlanner } from '../planner/planner.ts';
import { attemptsToShare, shareOut } from '../planner/share-out.ts';
import type { PlanningApp } from '../ports.ts';
import { recordCalls } from '../records/record-calls.ts';
import { restartFailedFrames, restartFrames, stopFrames } from '../state-machine/frame-actions.ts';
import { takeReport } from '../state-machine/reports.ts';
import {
  abandonTasks,
  deleteTasks,
  setUserLevel,
  startTasks,
  stopTasks,
} from '../state-machine/user-actions.ts';
import { openWriter } from '../store/group-writer.ts';
import { migrate } from '../store/migrate.ts';
import type { Store } from '../store/store.ts';
import { createTasks } from '../tasks/create-tasks.ts';
import { ownTask } from '../tasks/own-task.ts';
import { startPurge } from '../tasks/purge.ts';
import { readSubmission } from '../tasks/read-submission.ts';
import { refuseEnded, submitTask } from '../tasks/submit.ts';
import { taskCalls } from '../tasks/task-calls.ts';
import { taskCare } from '../tasks/task-care.ts';
import { checkTaskFile, linkTaskFile, taskFilePath } from '../tasks/task-files.ts';
import { blobsArrived, blobsWanted, sizesReferred } from '../trees/blobs.ts';
import { collectionCalls } from '../trees/collection-calls.ts';
import { attemptGrant } from '../trees/inputs.ts';
import { commitTree } from '../trees/trees.ts';
import { startBroadcast } from './broadcast.ts';
import type { CoreOptions } from './core-options.ts';

export interface FarmParts extends Omit<CoreOptions, 'home'> {
  readonly store: Store;
  readonly masterKey: Uint8Array;
  /** Path of catalogue.json, which need not be there; absent: nothing is declared. */
  readonly catalogueFile?: string;
}

export interface FarmCore {
  readonly calls: FarmCalls;
  /** Resolves when nothing is planned or written any more, as far as the clock stands. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export async function startFarmCore(parts: FarmParts): Promise<FarmCore> {
  const { store, masterKey, blobs, clock, log } = parts;
  await migrate(store, clock);
  const looking = store.openReads();
  const db = looking.db;
  const board = new Board();
  const broadcast = startBroadcast({ db, clock, log, outlet: parts.outlet });
  const writer = openWriter<News>(store, clock, hear);
  const planner = startPlanner({ board, writer, clock, log, heal });
  const careForTasks = taskCare({ db, writer, clock });
  const purge = startPurge({ db, writer, log });
  const moneyWatch = startMoneyWatch({ db, writer, clock, log });
  let apps: Promise<readonly PlanningApp[]> | null = null;

  function hear(news: News[]): void {
    let woken = false;
    for (const item of news) {
      if (item.kind === 'board') {
        item.change(board);
        woken = true;
      } else if (item.kind === 'money') moneyWatch.wake();
      else broadcast.tell(item);
      if (item.kind === 'task-deleted') purge.wake();
    }
    if (woken) planner.wake();
  }

  const catalogue = await watchCatalogue({ file: parts.catalogueFile ?? null, writer, clock, log });

  async function heal(): Promise<void> {
    board.forgetAvoided(clock.now());
    moneyWatch.wake();
    await writer.run((tx) => giveUpLostNodes(tx, parts.nodeGraceMs ?? LOST_GRACE_MS));
    for (const attemptId of attemptsToShare(board, clock.now())) {
      await writer.run((tx) => shareOut(tx, attemptId));
    }
    await careForTasks();
  }

  async function rebuild(): Promise<void> {
    await writer.run(async (tx) => {
      const fresh = await loadBoard(tx.db, tx.now);
      tx.tell({ kind: 'board', change: (memory) => memory.become(fresh) });
    });
  }

  const callParts: CallParts = { db, writer, blobs, clock, log, masterKey };
  const calls: FarmCalls = {
    ...accountCalls(callParts),
    ...catalogueCalls(callParts),
    ...keyCalls(callParts),
    ...signInCalls(callParts),
    ...recordCalls(callParts),
    ...collectionCalls(callParts),
    ...moneyCalls(callParts),
    rememberNonce: (accessId, timestampSeconds, nonce) =>
      writer.run((tx) => rememberNonce(tx, accessId, timestampSeconds, nonce)),

    ...taskCalls(callParts),
    listProjects: (accountId, whose) => listProjects(db, accountId, whose),
    addProject: (accountId, name, status) => writer.run((tx) => addProject(tx, accountId, name, status)),
    deleteProject: (accountId, name) => writer.run((tx) => deleteProject(tx, accountId, name)),

    createTasks: (accountId, wish) => writer.run((tx) => createTasks(tx, accountId, wish)),
    async putTaskFile(byId, taskId, name, text) {
      const fileName = checkTaskFile(name, text);
      const { account_id: accountId } = await ownTask(db, byId, taskId, 'edit');
      const blob = await blobs.store(new TextEncoder().encode(text));
      await writer.run((tx) => linkTaskFile(tx, accountId, taskFilePath(taskId, fileName), blob));
    },
    async submitTask(byId, taskId, wish) {
      const task = await ownTask(db, byId, taskId, 'edit');
      if (task.submitted_at !== null) return;
      refuseEnded(task);
      apps ??= parts.apps();
      const submission = await readSubmission(db, blobs, await apps, task.account_id, taskId);
      await writer.run((tx) => submitTask(tx, byId, taskId, submission, wish));
    },
    stopTasks: (accountId, ids) => writer.run((tx) => stopTasks(tx, accountId, ids)),
    startTasks: (accountId, ids) => writer.run((tx) => startTasks(tx, accountId, ids)),
    abandonTasks: (accountId, ids) => writer.run((tx) => abandonTasks(tx, accountId, ids)),
    deleteTasks: (accountId, ids) => writer.run((tx) => deleteTasks(tx, accountId, ids)),
    restartFailedFrames: (accountId, ids, statuses) =>
      writer.run((tx) => restartFailedFrames(tx, accountId, ids, statuses)),
    restartFrames: (accountId, taskId, ids, statuses) =>
      writer.run((tx) => restartFrames(tx, accountId, taskId, ids, statuses)),
    stopFrames: (accountId, taskId, ids, statuses) =>
      writer.run((tx) => stopFrames(tx, accountId, taskId, ids, statuses)),
    setUserLevel: (accountId, taskId, level) =>
      writer.run((tx) => setUserLevel(tx, accountId, taskId, level)),

    createNodeCode: (accountId) => writer.run((tx) => createNodeCode(tx, accountId)),
    enrolNode: (code, name, publicKey) => writer.run((tx) => enrolNode(tx, code, name, publicKey)),
    nodePublicKey: (nodeId) => nodePublicKey(db, nodeId),
    nodeConnected: (nodeId, facts, liveAttempts, draining) =>
      writer.run((tx) => nodeConnected(tx, nodeId, facts, liveAttempts, draining)),
    async nodeDisconnected(nodeId) {
      await writer.run((tx) => nodeDisconnected(tx, nodeId));
    },
    nodePulse: (nodeId, pulse) => writer.run((tx) => nodePulse(tx, nodeId, pulse)),
    nodeReport: (nodeId, report) => writer.run((tx) => takeReport(tx, nodeId, report)),
    nodeRefused: (nodeId, attemptId, code, reason) =>
      writer.run((tx) => nodeRefused(tx, nodeId, attemptId, code, reason)),
    nodeDraining: (nodeId) => writer.run((tx) => nodeDraining(tx, nodeId)),

    attemptGrant: (token) => attemptGrant(db, token),
    async missingBlobs(accountId, ids) {
      const missing = new Set<BlobId>();
      for (const id of await assetAccounts(db, accountId))
        for (const blob of await blobsWanted(callParts, id, ids.filter(isBlobId))) missing.add(blob);
      return missing;
    },
    async sizesReferred(accountId, sizes) {
      const referred = new Set<number>();
      for (const id of await assetAccounts(db, accountId))
        for (const size of await sizesReferred(db, id, new Set(sizes))) referred.add(size);
      return referred;
    },
    blobsArrived: (accountId, arrived) =>
      writer.run(async (tx) => {
        for (const id of await assetAccounts(tx.db, accountId)) await blobsArrived(tx, id, arrived);
      }),
    commitTree(tree, entries) {
      return writer.run((tx) => commitTree(tx, tree, entries));
    },
    async settle() {
      await catalogue.look();
      await heal();
      await rebuild();
      await planner.idle();
    },
  };

  await writer.run(async (tx) => {
    await firstAccount(tx);
    await nodesAwayAtStart(tx);
  });
  await rebuild();
  purge.wake();

  return {
    calls,
    async idle() {
      await planner.idle();
      await moneyWatch.idle();
      await planner.idle();
      await purge.idle();
    },
    async close() {
      catalogue.stop();
      planner.stop();
      purge.stop();
      moneyWatch.stop();
      await writer.close();
      broadcast.stop();
      looking.close();
      await store.close();
      log.debug({}, 'farm closed');
    },
  };
}
