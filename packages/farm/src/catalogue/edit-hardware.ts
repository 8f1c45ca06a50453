/**
 * Other hardware for a task under way: what waits is rendered on it from now on, what renders goes on. Frames that were
 * booked ahead to a node which the new hardware leaves out are taken back.
 */
import { FRAME_STATUS } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import { heldFrames, liveAttemptsOfTask, takeBackFrames } from '../state-machine/attempts.ts';
import { wholeFamilies } from '../state-machine/family.ts';
import { ownTasks, type TaskRow } from '../tasks/own-task.ts';
import { allHardware, fittingHardware } from './choose-hardware.ts';
import { declaredCatalogue } from './declared.ts';
import { type Hardware, hardwareOf } from './hardware-list.ts';
import { farmNodes } from './nodes-of-farm.ts';
import { type Placement, placeMisfit, placementOf } from './placement.ts';

export interface HardwareEdit {
  /** Ids of the hardware list; without one the words below choose. */
  readonly ids: readonly number[];
  readonly model?: string;
  /** GB. */
  readonly ramGb?: number;
  /** Graphics cards, 0 for none. */
  readonly gpus?: number;
}

/**
 * Idempotent. FARM_TASK_STATE for a task that is not submitted, FARM_HARDWARE_UNKNOWN and FARM_HARDWARE_UNFIT as at a
 * submit; nothing is changed unless all tasks can be.
 */
export async function editTaskHardware(
  tx: FarmTx,
  accountId: number,
  taskIds: readonly number[],
  edit: HardwareEdit,
): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds);
  const tasks = await wholeFamilies(tx.db, named);
  const draft = tasks.find(({ submitted_at }) => submitted_at === null);
  if (draft)
    throw farmErrors.FARM_TASK_STATE(`task ${draft.id} is not submitted yet: task.json chooses its hardware`);
  const [declared, nodes] = [await declaredCatalogue(tx.db), await farmNodes(tx.db)];
  const rows = allHardware(declared, nodes);
  for (const task of tasks) {
    const offered = [...rows, ...hardwareOf(declared, nodes, [task.platform])];
    const placement = { ...placementOf(task.placement), ...choiceFor(task, offered, edit) };
    await change(tx, task, placement);
    await takeBack(tx, task, placement);
  }
}

function choiceFor(task: TaskRow, offered: readonly Hardware[], edit: HardwareEdit) {
  const wanted = offered.filter(
    (row) => row.enabled && (edit.ids.length > 0 ? isNamed(row, edit) : isLike(row, task, edit)),
  );
  const missing = edit.ids.find((id) => !wanted.some((row) => row.id === id));
  if (missing !== undefined) throw farmErrors.FARM_HARDWARE_UNKNOWN(`there is no hardware ${missing}`);
  if (wanted.length === 0)
    throw farmErrors.FARM_HARDWARE_UNKNOWN(`there is no such hardware on platform ${task.platform}`);
  const unique = [...new Map(wanted.map((row) => [row.id, row])).values()];
  const work = {
    cgId: task.cg_id ?? 0,
    cgVersion: task.render_version ?? task.app_version ?? '',
    plugins: {},
    tipCodes: [],
  };
  return fittingHardware(unique, work);
}

function isNamed(row: Hardware, { ids }: HardwareEdit): boolean {
  return ids.includes(row.id);
}

function isLike(row: Hardware, task: TaskRow, { model, ramGb, gpus }: HardwareEdit): boolean {
  return (
    row.platform === task.platform &&
    (model === undefined || row.model === model) &&
    (ramGb === undefined || row.ramGb === ramGb) &&
    row.gpus === (gpus ?? 0)
  );
}

async function change(tx: FarmTx, task: TaskRow, placement: Placement): Promise<void> {
  await tx.db
    .updateTable('tasks')
    .set({ placement: JSON.stringify(placement) })
    .where('id', '=', task.id)
    .execute();
  const board = await loadBoardTask(tx.db, task.id);
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, task.id) });
  tx.tell({ kind: 'task', taskId: task.id });
  tx.tell({
    kind: 'log',
    fields: { task: task.id, hardware: placement.hardwareIds.join(' ') },
    message: 'hardware changed',
  });
}

/** The first frame held may be on its way to be started: it stays, whatever the farm has heard. */
async function takeBack(tx: FarmTx, task: TaskRow, placement: Placement): Promise<void> {
  const [declared, nodes] = [await declaredCatalogue(tx.db), await farmNodes(tx.db)];
  for (const attempt of await liveAttemptsOfTask(tx.db, task.id)) {
    const node = nodes.find(({ id }) => id === attempt.node_id);
    if (!node || placeMisfit(declared, { platform: task.platform, placement }, node) === null) continue;
    const held = await heldFrames(tx.db, attempt);
    const taken = held.slice(1).filter(({ frame }) => frame.status === FRAME_STATUS.waiting);
    if (taken.length === 0 || held.some(({ segment }) => segment.one_attempt === 1)) continue;
    await takeBackFrames(tx, task.account_id, attempt, taken);
  }
}
