/**
 * A store with many tasks: two that the farm itself made are multiplied in its database while it does not run. Columns
 * are taken from the database, so that new ones need nothing here.
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const DONE = 4;
const FINISHED = 25;

export interface BigStore {
  /** How many finished copies of the small task to make. */
  tasks: number;
  smallTask: number;
  bigTask: number;
  /** Frames of the big task that get rows of their own, as if they had been rendered. */
  rendered: number;
}

export function fillStore(home: string, { tasks, smallTask, bigTask, rendered }: BigStore): void {
  const database = new DatabaseSync(join(home, 'farm', 'farm.sqlite'));
  const maximum = (table: string) =>
    Number(database.prepare(`select coalesce(max(id), 0) as id from ${table}`).get()!.id);
  /** Copies the rows that `where` finds `tasks` times; `changes` are the columns that differ, `n` counts copies. */
  const copy = (table: string, where: string, times: number, changes: Record<string, string>) => {
    const columns = database.prepare(`select name from pragma_table_info('${table}')`).all();
    const names = columns.map(({ name }) => String(name));
    const values = names.map((name) => changes[name] ?? `"${name}"`);
    database.exec(
      `with recursive copies(n) as (select 1 union all select n + 1 from copies where n < ${times})
       insert into ${table} (${names.map((name) => `"${name}"`).join(', ')})
       select ${values.join(', ')} from ${table}, copies where ${where}`,
    );
  };
  const [lastTask, lastSegment] = [maximum('tasks'), maximum('segments')];
  const lastBase = Number(database.prepare('select max(base + size) as last from segments').get()!.last);
  database.exec('begin');
  const finished = {
    status: `${FINISHED}`,
    submitted_at: 'created_at',
    started_at: 'created_at',
    ended_at: 'created_at + 60000',
  };
  copy('tasks', `id = ${smallTask}`, tasks, {
    id: `${lastTask} + n`,
    scene_name: "'shot ' || n || '.blend'",
    ...finished,
  });
  copy('segments', `task_id = ${smallTask}`, tasks, {
    id: `${lastSegment} + n`,
    task_id: `${lastTask} + n`,
    base: `${lastBase} + n * 1000`,
    default_status: `${DONE}`,
  });
  const segment = database.prepare('select id, base, epoch from segments where task_id = ?').get(bigTask)!;
  const frame = database.prepare(
    `insert or replace into frames (id, task_id, segment_id, epoch, status, version, percent, started_at, ended_at, attempts,
      scene_faults, other_faults, restarts, peak_memory_bytes) values (?, ?, ?, ?, ?, 3, 100, ?, ?, 1, 0, 0, 0, 100000000)`,
  );
  for (let ordinal = 0; ordinal < rendered; ordinal++) {
    const id = Number(segment.base) + ordinal;
    frame.run(
      id,
      bigTask,
      Number(segment.id),
      Number(segment.epoch),
      DONE,
      1_700_000_000_000,
      1_700_000_060_000,
    );
  }
  database.exec(`update segments set started = 0, done = ${rendered} where id = ${Number(segment.id)}`);
  database.exec(`update tasks set status = 10 where id in (${smallTask}, ${bigTask})`);
  database.exec('commit');
  database.exec('analyze');
  database.close();
}
