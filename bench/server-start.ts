/** Time from spawn to serving, and memory when idle, of `croft server`: on a new home and on one that exists. */
import { join } from 'node:path';
import { benchFolder, pause, residentMiB, startFarm } from './support/farm.ts';
import { median, printTable } from './support/table.ts';

const RUNS = 5;
const SETTLE_MS = 3000;
const folder = benchFolder();
const fresh: number[] = [];
const again: number[] = [];
const memory: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const home = join(folder, String(run));
  const first = await startFarm('server', home);
  fresh.push(first.readyMs);
  await first.stop();
  const second = await startFarm('server', home);
  again.push(second.readyMs);
  await pause(SETTLE_MS);
  memory.push(residentMiB(second.child.pid!));
  await second.stop();
}

const start = median(again);
const idle = median(memory);
printTable(`server start and idle memory (median of ${RUNS})`, [
  { what: 'start on a new home', value: `${median(fresh).toFixed(0)} ms` },
  { what: 'start', value: `${start.toFixed(0)} ms`, must: '≤ 500 ms', dream: '≤ 250 ms', met: start <= 500 },
  {
    what: 'idle memory',
    value: `${idle.toFixed(0)} MiB`,
    must: '≤ 180 MiB',
    dream: '≤ 120 MiB',
    met: idle <= 180,
  },
]);
