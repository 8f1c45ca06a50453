/**
 * Labels (the SDK's "task tags"): words that an account puts on its tasks. One label of a name per account; a label that no
 * task bears any more is gone, so that ids in `labels` of a task always name something. Every change may be sent twice.
 */
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import { chunked } from '../util/chunked.ts';
import { ownTask, ownTasks, type TaskRow } from './own-task.ts';

export const LABEL_ON = 0;
export const LABEL_OFF = 1;
const LONGEST_LABEL = 255;
/** A task shows all of its labels in every list. */
const MOST_LABELS_OF_TASK = 100;
const IDS_PER_STATEMENT = 500;

/** Puts the label on the tasks; a new one is made for the account that owns them. */
export async function addLabel(
  tx: FarmTx,
  accountId: number,
  name: string,
  taskIds: readonly number[],
): Promise<void> {
  const checked = checkedLabel(name);
  const tasks = await ownTasks(tx.db, accountId, taskIds);
  for (const task of tasks) await labelTask(tx, task, [checked]);
}

/** Takes labels off all tasks, by id: FARM_NOT_FOUND for one that never was, FARM_NOT_YOURS for another account's. */
export async function deleteLabels(
  tx: FarmTx,
  accountId: number,
  labelIds: readonly number[],
): Promise<void> {
  for (const id of labelIds) await checkLabel(tx.db, accountId, id);
  for (const some of chunked(labelIds, IDS_PER_STATEMENT)) {
    const borne = await tx.db
      .selectFrom('task_labels')
      .select('task_id')
      .where('label_id', 'in', some)
      .distinct()
      .execute();
    await tx.db.deleteFrom('task_labels').where('label_id', 'in', some).execute();
    await tx.db.deleteFrom('labels').where('id', 'in', some).execute();
    for (const { task_id } of borne) tx.tell({ kind: 'task', taskId: task_id });
  }
}

/** A label that was given out once and is gone: deleting it again is no error. */
async function checkLabel(db: Db, accountId: number, labelId: number): Promise<void> {
  const label = await db
    .selectFrom('labels')
    .select('account_id')
    .where('id', '=', labelId)
    .executeTakeFirst();
  if (label && label.account_id !== accountId)
    throw farmErrors.FARM_NOT_YOURS(`label ${labelId} belongs to another account`);
  if (label) return;
  const { next } = await db
    .selectFrom('sequences')
    .select('next')
    .where('name', '=', 'label')
    .executeTakeFirstOrThrow();
  if (labelId < 1 || labelId >= next) throw farmErrors.FARM_NOT_FOUND(`there is no label ${labelId}`);
}

/** Takes the labels of these names or ids off the tasks; those that do not bear them stay as they are. */
export async function removeLabels(
  tx: FarmTx,
  accountId: number,
  taskIds: readonly number[],
  names: readonly string[],
  labelIds: readonly number[],
): Promise<void> {
  const tasks = await ownTasks(tx.db, accountId, taskIds);
  for (const id of labelIds) await checkLabel(tx.db, accountId, id);
  const byId =
    labelIds.length === 0
      ? []
      : await tx.db.selectFrom('labels').select('name').where('id', 'in', labelIds).execute();
  const all = [...new Set([...names, ...byId.map(({ name }) => name)])];
  for (const task of tasks) await unlabelTask(tx, task, all);
}

/** How the oldest clients change the labels of one task: its labels' status alone, one more label, or one less. */
export type LabelChange =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'add'; readonly name: string; readonly status: number }
  | { readonly kind: 'remove'; readonly name: string };

export async function operateLabel(
  tx: FarmTx,
  accountId: number,
  taskId: number,
  change: LabelChange,
): Promise<void> {
  const task = await ownTask(tx.db, accountId, taskId);
  if (change.kind === 'remove') return unlabelTask(tx, task, [change.name]);
  const status = checkedStatus(change.status);
  if (change.kind === 'add') await labelTask(tx, task, [checkedLabel(change.name)], status);
  else await switchLabels(tx, task, status);
}

/** Puts labels on a task whose owner is checked. */
export async function labelTask(
  tx: FarmTx,
  task: Pick<TaskRow, 'id' | 'account_id'>,
  names: readonly string[],
  status: number = LABEL_ON,
): Promise<void> {
  for (const name of new Set(names.map(checkedLabel))) {
    const labelId = await labelOf(tx, task.account_id, name, status);
    await tx.db
      .insertInto('task_labels')
      .values({ task_id: task.id, label_id: labelId })
      .onConflict((conflict) => conflict.columns(['task_id', 'label_id']).doNothing())
      .execute();
  }
  const { count } = await tx.db
    .selectFrom('task_labels')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('task_id', '=', task.id)
    .executeTakeFirstOrThrow();
  if (count > MOST_LABELS_OF_TASK)
    throw farmErrors.FARM_INVALID(`a task has at most ${MOST_LABELS_OF_TASK} labels`);
  tx.tell({ kind: 'task', taskId: task.id });
}

async function labelOf(tx: FarmTx, accountId: number, name: string, status: number): Promise<number> {
  const known = await tx.db
    .selectFrom('labels')
    .select(['id', 'status'])
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (known && known.status !== status)
    await tx.db.updateTable('labels').set({ status }).where('id', '=', known.id).execute();
  if (known) return known.id;
  const id = await takeNumbers(tx.db, 'label');
  await tx.db
    .insertInto('labels')
    .values({ id, account_id: accountId, name, status, created_at: tx.now })
    .execute();
  return id;
}

async function unlabelTask(tx: FarmTx, task: TaskRow, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const labels = await tx.db
    .selectFrom('labels')
    .select('id')
    .where('account_id', '=', task.account_id)
    .where('name', 'in', names)
    .execute();
  for (const { id } of labels) {
    await tx.db.deleteFrom('task_labels').where('task_id', '=', task.id).where('label_id', '=', id).execute();
    await forgetUnborne(tx, id);
  }
  tx.tell({ kind: 'task', taskId: task.id });
}

async function forgetUnborne(tx: FarmTx, labelId: number): Promise<void> {
  const borne = await tx.db
    .selectFrom('task_labels')
    .select('task_id')
    .where('label_id', '=', labelId)
    .limit(1)
    .executeTakeFirst();
  if (!borne) await tx.db.deleteFrom('labels').where('id', '=', labelId).execute();
}

async function switchLabels(tx: FarmTx, task: TaskRow, status: number): Promise<void> {
  const borne = await tx.db
    .selectFrom('task_labels')
    .select('label_id')
    .where('task_id', '=', task.id)
    .execute();
  const ids = borne.map(({ label_id }) => label_id);
  if (ids.length > 0) await tx.db.updateTable('labels').set({ status }).where('id', 'in', ids).execute();
  tx.tell({ kind: 'task', taskId: task.id });
}

function checkedLabel(name: string): string {
  if (name.trim() === '' || name.length > LONGEST_LABEL)
    throw farmErrors.FARM_INVALID(`a label has 1 to ${LONGEST_LABEL} letters`);
  return name;
}

function checkedStatus(status: number): number {
  if (status !== LABEL_ON && status !== LABEL_OFF)
    throw farmErrors.FARM_INVALID('the status of a label is 0 (on) or 1 (off)');
  return status;
}

export interface TaskLabel {
  readonly id: number;
  readonly name: string;
}

/** Labels that are on, by task, oldest first. */
export async function labelsOf(db: Db, taskIds: readonly number[]): Promise<Map<number, TaskLabel[]>> {
  const byTask = new Map<number, TaskLabel[]>();
  for (const some of chunked(taskIds, IDS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('task_labels')
      .innerJoin('labels', 'labels.id', 'task_labels.label_id')
      .select(['task_labels.task_id', 'labels.id', 'labels.name'])
      .where('task_labels.task_id', 'in', some)
      .where('labels.status', '=', LABEL_ON)
      .orderBy('labels.id')
      .execute();
    for (const { task_id, id, name } of rows)
      byTask.set(task_id, [...(byTask.get(task_id) ?? []), { id, name }]);
  }
  return byTask;
}
