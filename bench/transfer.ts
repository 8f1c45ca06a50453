/**
 * Transfers over loopback, each row beside its peers in the same run, taking turns: seconds on the clock (of the transfer
 * itself for Croft's client, of the whole process for the others and for the transmitter), processor seconds and peak memory
 * of client, server and the S3 server behind it. Where files must be there already ("again", "download"), sending them in does not count.
 *
 *   node bench/transfer.ts [--only up-1g,up-10k] [--runs 3] [--minutes 9]
 *
 * Medians of the runs; each figure goes to stderr as it comes. No run begins when `--minutes` are over, nor a row of the first one.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { median } from './support/table.ts';
import { HAS_TIME, type Taken } from './transfer/processes.ts';
import { type Contender, type Row, rowsOf, Sources } from './transfer/rows.ts';

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '9' },
  },
});
const deadline = performance.now() + Number(values.minutes) * 60_000;
const work = await mkdtemp(join(tmpdir(), 'croft-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const sources = new Sources(work);
const rows = rowsOf(sources);
const wanted = values.only?.split(',') ?? rows.map(({ id }) => id);
const unknown = wanted.filter((id) => !rows.some((row) => row.id === id));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; there are ${rows.map(({ id }) => id).join(', ')}`);
const chosen = rows.filter(({ id }) => wanted.includes(id));
const taken = new Map<Contender, Taken[]>();
try {
  for (let run = 0; run < Number(values.runs); run++)
    for (const row of chosen) {
      if (performance.now() > deadline) continue;
      for (const contender of [...row.croft, ...row.peers]) {
        if (contender.take === null) continue;
        const figures = taken.get(contender) ?? [];
        taken.set(contender, figures);
        const figure = await contender.take(work);
        figures.push(figure);
        stderr.write(`${row.id}, ${contender.name}: ${JSON.stringify(figure)}\n`);
      }
    }
  printRows(chosen);
} finally {
  for (const close of sources.closers) await close();
}

function printRows(all: readonly Row[]): void {
  if (!HAS_TIME) stdout.write('/usr/bin/time is not installed: no processor seconds, no memory\n\n');
  stdout.write(
    '| row | who | durability | runs | seconds | ÷ Croft | client CPU, peak | server CPU, peak | S3 server CPU, peak | goal |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const { what, goal, croft, peers } of all) {
    const mine = secondsOf(croft[0]!);
    for (const contender of croft) stdout.write(line([what, ...figuresOf(contender, null), goal]));
    for (const contender of peers) stdout.write(line([what, ...figuresOf(contender, mine), '']));
  }
}

function secondsOf(contender: Contender): number {
  return median((taken.get(contender) ?? []).map(({ seconds }) => seconds));
}

function figuresOf(contender: Contender, mine: number | null): string[] {
  const runs = taken.get(contender) ?? [];
  const { name, durability } = contender;
  if (runs.length === 0)
    return [name, contender.take === null ? 'not installed here' : 'no time left', '0', '', '', '', '', ''];
  const seconds = secondsOf(contender);
  const cost = (side: 'client' | 'server' | 'store') => {
    const costs = runs.map((one) => one[side]).filter((one) => one !== undefined);
    if (costs.length === 0) return '';
    const cpu = median(costs.map(({ cpuSeconds }) => cpuSeconds));
    return `${cpu.toFixed(2)} s, ${median(costs.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`;
  };
  const ratio = mine === null ? '' : `${(seconds / mine).toFixed(2)} ×`;
  return [
    name,
    durability,
    String(runs.length),
    `${seconds.toFixed(2)} s`,
    ratio,
    cost('client'),
    cost('server'),
    cost('store'),
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}
