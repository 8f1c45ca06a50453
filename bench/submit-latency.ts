/**
 * From calling submit to the app's process having started on an idle node, over 50 tasks of one scene, each with inputs
 * of its own so that no open session can serve it. The start is the node's own report (same clock on one machine).
 * Durability: SQLite with synchronous=FULL; every submit and booking is committed before it is told.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { farmSession } from '@croft/sdk';
import { benchFolder, croftJson, pause, startFarm } from './support/farm.ts';
import { makeTinyScene } from './support/scene.ts';
import { median, percentile, printTable } from './support/table.ts';

const SUBMITS = 50;

/** When the node started app processes, from its log. */
function appStarts(home: string): number[] {
  return readFileSync(join(home, 'node', 'node.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"an app starts"'))
    .map((line) => Date.parse((JSON.parse(line) as { at: string }).at));
}

const folder = benchFolder();
const scene = join(folder, 'tiny.blend');
makeTinyScene(scene, { frames: 1, size: 16 });
const farm = await startFarm('up', join(folder, 'home'));
try {
  croftJson(farm.home, 'render', scene, '--no-download');
  const warmUps = appStarts(farm.home).length;
  const session = farmSession(JSON.parse(readFileSync(join(farm.home, 'client.json'), 'utf8')));
  const submittedAt: number[] = [];
  for (let run = 0; run < SUBMITS; run++) {
    const copy = join(folder, `copy-${run}`);
    mkdirSync(copy);
    copyFileSync(scene, join(copy, 'tiny.blend'));
    const { taskId } = croftJson<{ taskId: number }>(
      farm.home,
      'render',
      join(copy, 'tiny.blend'),
      '--detach',
    );
    for (;;) {
      const detail = await session.native.task(taskId);
      if (detail.endedAt !== null) {
        submittedAt.push(detail.submittedAt!);
        break;
      }
      await pause(100);
    }
  }
  await session.close();
  const starts = appStarts(farm.home).slice(warmUps);
  if (starts.length !== SUBMITS)
    throw new Error(`${SUBMITS} submits, but ${starts.length} processes started`);
  const samples = starts.map((at, run) => at - submittedAt[run]!);
  const p50 = median(samples);
  const p95 = percentile(samples, 0.95);
  printTable(`submit → app process started (${samples.length} submits)`, [
    {
      what: 'p50',
      value: `${p50.toFixed(0)} ms`,
      peer: 'Afanasy ≤ 3,000 ms',
      must: '≤ 150 ms',
      met: p50 <= 150,
    },
    {
      what: 'p95',
      value: `${p95.toFixed(0)} ms`,
      peer: 'Flamenco 0–20,000 ms',
      must: '≤ 400 ms',
      dream: '≤ 150 ms',
      met: p95 <= 400,
    },
  ]);
} finally {
  await farm.stop();
}
