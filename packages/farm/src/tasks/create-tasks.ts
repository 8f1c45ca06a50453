/** Drafts: a task has an id and a config folder before anything is known about its scene. */
import { TASK_STATUS } from '@croft/contract';
import { accountById } from '../accounts/accounts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import { clonableTask, cloneIds, linkFiles } from './clone.ts';
import { labelTask } from './labels.ts';
import type { CreateTasks } from './task-wishes.ts';
import { checkedLevel } from './user-level.ts';

const MOST_AT_ONCE = 1000;
const MOST_LABELS = 100;
const LONGEST_LABEL = 255;

export async function createTasks(tx: FarmTx, accountId: number, wish: CreateTasks): Promise<number[]> {
  if (!Number.isSafeInteger(wish.count) || wish.count < 1 || wish.count > MOST_AT_ONCE) {
    throw farmErrors.FARM_INVALID(`the count of tasks must be 1 to ${MOST_AT_ONCE}`);
  }
  const userLevel = checkedLevel(wish.userLevel);
  refuseLongWords(wish);
  await accountById(tx.db, accountId);
  const original = wish.cloneOriginalId ? await clonableTask(tx.db, accountId, wish.cloneOriginalId) : null;
  const first = await takeNumbers(tx.db, 'task', wish.count);
  const ids = Array.from({ length: wish.count }, (_, index) => first + index);
  for (const id of ids) {
    await tx.db
      .insertInto('tasks')
      .values({
        id,
        account_id: accountId,
        status: TASK_STATUS.submitting,
        created_at: tx.now,
        submitted_at: null,
        started_at: null,
        ended_at: null,
        deleted_at: null,
        running_since: null,
        purged_at: null,
        user_level: userLevel,
        out_user_id: wish.outUserId ?? null,
        labels: '[]',
        artist: wish.artist ?? null,
        producer: null,
        scene_name: '',
        output_name: null,
        app: null,
        cg_id: null,
        app_version: null,
        render_version: null,
        project_name: '',
        frames_range: '',
        scene_path: '',
        settings: '{}',
        needs: '[]',
        input_account_id: accountId,
        input_version: 0,
        inputs_key: '',
        frame_timeout_ms: 0,
        over_time_stop_sec: 0,
        submit_order: 0,
        render_ms: 0,
        waiting_for: '[]',
        platform: wish.platform ?? 0,
        ...(original ? cloneIds(original) : {}),
      })
      .execute();
    if (wish.labels?.length) await labelTask(tx, { id, account_id: accountId }, wish.labels);
  }
  if (original) await linkFiles(tx, original, accountId, ids);
  return ids;
}

/** Every task of the call keeps its own copy of these. */
function refuseLongWords({ labels = [], artist = '' }: CreateTasks): void {
  if (labels.length > MOST_LABELS || [...labels, artist].some((word) => word.length > LONGEST_LABEL)) {
    throw farmErrors.FARM_INVALID(
      `a task has at most ${MOST_LABELS} labels, and labels and artist at most ${LONGEST_LABEL} letters`,
    );
  }
}
