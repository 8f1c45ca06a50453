/**
 * What the farm looks after at every tick, without being asked: tasks over their time; and every hour drafts that nobody
 * came back to, folders of isolated assets whose time is over, and labels as earlier versions kept them.
 */
import { HOUR } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { lateTasks, noteOverTime, overdueTasks } from '../state-machine/over-time.ts';
import { timeOutTask } from '../state-machine/user-actions.ts';
import { dropOldDrafts } from './drafts.ts';
import { dropOldFolders } from './isolation.ts';
import { adoptOldLabels } from './old-labels.ts';

const TIDY_EVERY_MS = HOUR;

/** Returns what is to be called at every tick of the farm. */
export function taskCare({
  db,
  writer,
  clock,
}: Pick<CallParts, 'db' | 'writer' | 'clock'>): () => Promise<void> {
  let tidyDueAt = clock.now();

  async function tidy(): Promise<void> {
    if (clock.now() < tidyDueAt) return;
    tidyDueAt = clock.now() + TIDY_EVERY_MS;
    for (let after: number | null = 0; after !== null; ) {
      const from: number = after;
      after = await writer.run((tx) => dropOldDrafts(tx, from));
    }
    while ((await writer.run((tx) => dropOldFolders(tx))) > 0);
    while ((await writer.run((tx) => adoptOldLabels(tx))) > 0);
  }

  return async () => {
    for (const taskId of await overdueTasks(db, clock.now())) {
      await writer.run((tx) => timeOutTask(tx, taskId));
    }
    for (const taskId of await lateTasks(db, clock.now())) {
      await writer.run((tx) => noteOverTime(tx, taskId));
    }
    await tidy();
  };
}
