/** `FarmReads` on a read-only connection: looks at commits, never waits for the farm thread. */
import type { BlobId, Clock, FramesCount, Page } from '@croft/contract';
import { sql } from 'kysely';
import { catalogueReads } from '../catalogue/catalogue-reads.ts';
import { farmErrors } from '../errors.ts';
import type { FarmReads } from '../farm-api.ts';
import { farmHome } from '../home.ts';
import { moneyReads } from '../money/money-reads.ts';
import { framesShownToAccount, shownToAccount } from '../money/shown-money.ts';
import type { PlanningApp } from '../ports.ts';
import { recordReads } from '../records/record-calls.ts';
import { COUNT_COLUMNS, fullCounts, noCounts } from '../state-machine/counts.ts';
import { segmentOfFrame } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import { openSqliteReads } from '../store/sqlite/open.ts';
import type { ReadConnection } from '../store/store.ts';
import { ownTask, ownTasks, type TaskRow } from '../tasks/own-task.ts';
import { accountsShown } from '../team/task-rights.ts';
import { fileReads } from '../trees/file-reads.ts';
import { attemptInputs, inputBlobSize, inputBlobSizes } from '../trees/inputs.ts';
import { differingEntries } from '../trees/shown-entries.ts';
import { treeEntries, treeEntriesAt, treeEntry } from '../trees/trees.ts';
import { among } from '../util/among.ts';
import { breathe } from '../util/breathe.ts';
import type { TaskFilter } from './filters.ts';
import { framesPage } from './frames.ts';
import { type KeptTotals, keptTotals } from './kept-totals.ts';
import { nodeRows } from './nodes.ts';
import { boundedPage } from './page.ts';
import { pictureReads } from './picture-reads.ts';
import { resultsPage } from './results.ts';
import { detailOf, framesCount, infosOf, summariesOf } from './task-facts.ts';

const TASKS_PER_STEP = 2000;

/** Opens the reads of the farm in `home`, which must have been opened for writing once. */
export function openReads(
  home: string,
  clock: Clock,
  apps: () => Promise<readonly PlanningApp[]>,
): FarmReads {
  return readsOver(openSqliteReads(farmHome(home).database), clock, apps);
}

export function readsOver(
  connection: ReadConnection,
  clock: Clock,
  apps: () => Promise<readonly PlanningApp[]>,
): FarmReads {
  const { db } = connection;
  const totals = keptTotals(() => connection.version());
  return {
    async listTasks(accountId, filter) {
      const page = await listTasks(db, totals, accountId, filter);
      return { ...page, items: await summariesOf(db, page.items) };
    },
    async listTaskInfos(accountId, filter) {
      const page = await listTasks(db, totals, accountId, filter);
      return { ...page, items: await shownToAccount(db, accountId, await infosOf(db, page.items)) };
    },
    task: async (accountId, taskId) => detailOf(db, await ownTask(db, accountId, taskId, 'see')),
    async taskInfos(accountId, taskIds) {
      const tasks = await ownTasks(db, accountId, taskIds, 'see');
      return shownToAccount(db, accountId, await infosOf(db, tasks));
    },
    async mayDownload(accountId, taskId) {
      await ownTask(db, accountId, taskId, 'download');
    },
    async frameTask(accountId, taskId) {
      const task = await ownTask(db, accountId, taskId, 'see');
      return { createdAt: task.created_at, reminderSec: task.reminder_sec, ramGb: task.ram_gb };
    },
    async frames(accountId, taskId, filter) {
      const task = await ownTask(db, accountId, taskId, 'see');
      return framesShownToAccount(db, accountId, await framesPage(db, task, filter));
    },
    accountsShown: (accountId) => accountsShown(db, accountId),
    frameTotals: (accountId) => frameTotals(db, accountId),
    async results(accountId, taskId, page, size, choice = {}) {
      return resultsPage(db, await ownTask(db, accountId, taskId, 'see'), page, size, choice);
    },
    newestAttempt: (accountId, frameId) => newestAttempt(db, accountId, frameId),
    nodes: () => nodeRows(db, clock.now()),
    treeEntries: (tree, prefix, version) => treeEntries(db, tree, prefix, version),
    treeEntry: (tree, path, version) => treeEntry(db, tree, path, version),
    differingEntries: (tree, entries) => differingEntries(db, tree, entries),
    treeEntriesAt: (tree, paths, version) => treeEntriesAt(db, tree, paths, version),
    attemptInputs: (grant) => attemptInputs(db, grant),
    inputBlobSize: (grant, id) => inputBlobSize(db, grant, id),
    inputBlobSizes: (grant, ids) => inputBlobSizes(db, grant, ids),
    picture: (capability) => picture(db, capability),
    ...pictureReads(db),
    ...fileReads(db),
    ...recordReads(db),
    ...moneyReads(db, clock),
    ...catalogueReads(db, apps),
    version: async () => connection.version(),
    close: async () => connection.close(),
  };
}

/**
 * Submitted tasks, newest first; with `deleted` the deleted ones. Drafts have no scene yet and are not listed; children are
 * shown by their parents.
 */
async function listTasks(
  db: Db,
  totals: KeptTotals,
  accountId: number,
  filter: TaskFilter,
): Promise<Page<TaskRow>> {
  const { page, size } = boundedPage(filter.page, filter.size);
  const owners = await ownersListed(db, accountId, filter.ownerId);
  let query = db
    .selectFrom('tasks')
    .where('account_id', 'in', owners)
    .where(sql<boolean>`parent_id = 0`)
    .where('submitted_at', 'is not', null)
    .where('deleted_at', filter.deleted ? 'is not' : 'is', null);
  if (filter.statuses && filter.statuses.length > 0) query = query.where('status', 'in', filter.statuses);
  if (filter.submittedFrom !== undefined) query = query.where('submitted_at', '>=', filter.submittedFrom);
  if (filter.submittedTo !== undefined) query = query.where('submitted_at', '<=', filter.submittedTo);
  const { label } = filter;
  if (label !== undefined) {
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('task_labels')
        .innerJoin('labels', 'labels.id', 'task_labels.label_id')
        .select('task_labels.task_id')
        .where('labels.account_id', 'in', owners)
        .where('labels.name', '=', label),
    );
  }
  const search = filter.search?.trim();
  if (search) {
    const pattern = `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        sql<boolean>`lower(scene_name) like ${pattern} escape '\\'`,
        sql<boolean>`cast(id as text) like ${pattern} escape '\\'`,
      ]),
    );
  }
  const { page: _page, size: _size, ...choice } = filter;
  const total = await totals.of({ owners, ...choice }, async () => {
    const counted = query.select((eb) => eb.fn.countAll<number>().as('total'));
    return (await counted.executeTakeFirstOrThrow()).total;
  });
  // Ids first: pages far behind are then skipped within the index, without reading a task.
  const ids = await query
    .select('id')
    .orderBy('id', 'desc')
    .limit(size)
    .offset((page - 1) * size)
    .execute();
  if (ids.length === 0) return { total, page, size, items: [] };
  const listed = new Set(ids.map(({ id }) => id));
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where((eb) => among(eb, 'id', [...listed]))
    .orderBy('id', 'desc')
    .execute();
  return { total, page, size, items: rows.filter(({ id }) => listed.has(id)) };
}

/** Whose tasks a list shows: of one owner where one is named, and nothing of an owner that is not shown. */
async function ownersListed(db: Db, accountId: number, ownerId: number | undefined): Promise<number[]> {
  const shown = await accountsShown(db, accountId);
  return ownerId === undefined ? shown : shown.filter((id) => id === ownerId);
}

/** Sums over all shown tasks, some thousand segments at a time. */
async function frameTotals(db: Db, accountId: number): Promise<FramesCount> {
  const totals = { ...noCounts() };
  const owners = await accountsShown(db, accountId);
  for (let after = 0; ; await breathe()) {
    const ids = await db
      .selectFrom('tasks')
      .select('id')
      .where('account_id', 'in', owners)
      .where('submitted_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(TASKS_PER_STEP)
      .execute();
    if (ids.length === 0) return framesCount(totals);
    after = ids.at(-1)!.id;
    const sums = await db
      .selectFrom('segments')
      .select('default_status')
      .select((eb) => eb.fn.sum<number>('size').as('size'))
      .select((eb) => COUNT_COLUMNS.map((column) => eb.fn.sum<number>(column).as(column)))
      .where(
        'task_id',
        'in',
        ids.map(({ id }) => id),
      )
      .groupBy('default_status')
      .execute();
    for (const sum of sums) {
      const counts = fullCounts(sum);
      for (const column of COUNT_COLUMNS) totals[column] += counts[column];
    }
  }
}

async function newestAttempt(
  db: Db,
  accountId: number,
  frameId: number,
): Promise<{ attemptId: number; taskId: number } | null> {
  const segment = await segmentOfFrame(db, frameId);
  if (!segment) throw farmErrors.FARM_NOT_FOUND(`there is no frame with id ${frameId}`);
  await ownTask(db, accountId, segment.task_id, 'see');
  const frame = await db
    .selectFrom('frames')
    .select('last_attempt_id')
    .where('id', '=', frameId)
    .executeTakeFirst();
  const attemptId = frame?.last_attempt_id ?? null;
  return attemptId === null ? null : { attemptId, taskId: segment.task_id };
}

async function picture(
  db: Db,
  capability: string,
): Promise<{ id: BlobId; size: number; format: string } | null> {
  const row = await db
    .selectFrom('results')
    .select(['blob_id', 'size', 'format'])
    .where('capability', '=', capability)
    .executeTakeFirst();
  return row ? { id: row.blob_id as BlobId, size: row.size, format: row.format } : null;
}
