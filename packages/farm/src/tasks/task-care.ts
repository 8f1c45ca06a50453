/** What the farm looks after at every tick, without being asked: tasks over their time, and drafts nobody came back to. */
import { HOUR } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { lateTasks, noteOverTime, overdueTasks } from '../state-machine/over-time.ts';
import { timeOutTask } from '../state-machine/user-actions.ts';
import { dropOldDrafts } from './drafts.ts';

const DRAFTS_EVERY_MS = HOUR;

/** Returns what is to be called at every tick of the farm. */
export function taskCare({
  db,
  writer,
  clock,
}: Pick<CallParts, 'db' | 'writer' | 'clock'>): () => Promise<void> {
  let draftsDueAt = clock.now();

  async function lookAfterDrafts(): Promise<void> {
    if (clock.now() < draftsDueAt) return;
    draftsDueAt = clock.now() + DRAFTS_EVERY_MS;
    for (let after: number | null = 0; after !== null; ) {
      const from: number = after;
      after = await writer.run((tx) => dropOldDrafts(tx, from));
    }
  }

  return async () => {
    for (const taskId of await overdueTasks(db, clock.now())) {
      await writer.run((tx) => timeOutTask(tx, taskId));
    }
    for (const taskId of await lateTasks(db, clock.now())) {
      await writer.run((tx) => noteOverTime(tx, taskId));
    }
    await lookAfterDrafts();
  };
}
