/**
 * Uploads over links that are slower than loopback: is the number of requests that the engine finds as good as the best fixed one,
 * and does compressing by itself lose nothing.
 *
 *   node bench/transfer-links.ts width [--only each-20] [--runs 1] [--widths 1,2,4,8] [--no-peers]     beside fixed numbers, curl and rsync
 *   node bench/transfer-links.ts zstd [--only 100] [--runs 1]          `auto` beside `always` and `never`, each on four kinds of files
 *
 * `width` goes through a proxy that delays and paces (support/link-proxy.ts), since not every kernel has netem. `zstd` runs in a network of its
 * own (`unshare -rn`) whose loopback a token bucket of the kernel paces. Clients address the farm as 0.0.0.0, or they would know
 * that it is the same machine. Each figure goes to stderr as it comes.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, execPath, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { KiB, MiB } from '@croft/contract';
import { median } from './support/table.ts';
import { nginx, rsyncDaemon } from './transfer/peers.ts';
import { freePort, listening, run, type Server, serve } from './transfer/processes.ts';
import { LONG_NAME, makeLong, makeMany, SCENE_KINDS, type SceneKind } from './transfer/sources.ts';

const DOOR = new URL('../packages/server/src/transfer-door/bench-door.ts', import.meta.url).pathname;
const CLIENT = new URL('./transfer/client.ts', import.meta.url).pathname;
const PROXY = new URL('./support/link-proxy.ts', import.meta.url).pathname;
const OWN_NETWORK = 'CROFT_BENCH_OWN_NETWORK';
const MB = 1_000_000;

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '1' },
    widths: { type: 'string', default: '1,2,4,8' },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const [what] = positionals;
if (what !== 'width' && what !== 'zstd') throw new Error('name what to measure: width or zstd');
if (what === 'zstd' && env[OWN_NETWORK] === undefined) {
  const { status } = spawnSync('unshare', ['-rn', execPath, ...argv.slice(1)], {
    stdio: 'inherit',
    env: { ...env, [OWN_NETWORK]: '1' },
  });
  process.exit(status ?? 1);
}
const work = await mkdtemp(join(tmpdir(), 'croft-links-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** A link, and who is sent over it. Bytes a second; 0: no bound. */
interface Link {
  readonly id: string;
  readonly says: string;
  readonly roundTripMs: number;
  readonly ownPerSecond: number;
  readonly sharedPerSecond: number;
  readonly windowBytes: number;
}

/** As much as TCP lets one connection have on its way, where nobody has set it. */
const USUAL_WINDOW = 4 * MiB;
const LINKS: readonly Link[] = [
  ...[0, 20, 100].map((roundTripMs) => ({
    id: `shared-${roundTripMs}`,
    says: `${roundTripMs} ms, 25 MB/s for all`,
    roundTripMs,
    ownPerSecond: 0,
    sharedPerSecond: 25 * MB,
    windowBytes: USUAL_WINDOW,
  })),
  ...[0, 20, 100].map((roundTripMs) => ({
    id: `each-${roundTripMs}`,
    says: `${roundTripMs} ms, 6 MB/s for each connection`,
    roundTripMs,
    ownPerSecond: 6 * MB,
    sharedPerSecond: 0,
    windowBytes: USUAL_WINDOW,
  })),
  {
    id: 'window-100',
    says: '100 ms, a window of 512 KiB, 25 MB/s for all',
    roundTripMs: 100,
    ownPerSecond: 0,
    sharedPerSecond: 25 * MB,
    windowBytes: 512 * KiB,
  },
];

async function measureWidths(): Promise<void> {
  const long = await makeLong(join(work, 'long'), 256 * MiB);
  const many = await makeMany(join(work, 'many'), 2000, 10_000);
  const widths = values.widths.split(',').map(Number);
  const names = ['adaptive', ...widths.map((width) => `fixed ${width}`), 'adaptive ÷ best'];
  const heads = ['link', 'files', ...names, ...(values.peers ? ['curl', 'rsync'] : [])];
  stdout.write(`| ${heads.join(' | ')} |\n|${' --- |'.repeat(heads.length)}\n`);
  for (const link of chosen(LINKS)) {
    for (const [files, folder] of [
      ['256 MiB', long],
      ['2,000 × 10 KB', many],
    ] as const) {
      const ours = await bestOf([null, ...widths], (width) =>
        overLink(link, door, (port) => send(`http://0.0.0.0:${port}`, folder, 'never', width)),
      );
      const [adaptive, ...fixed] = ours as [number, ...number[]];
      const row = [...ours.map(seconds), (adaptive / Math.min(...fixed)).toFixed(2)];
      if (values.peers) row.push(...(await peersOver(link, folder, folder === long)).map(seconds));
      stdout.write(`| ${link.says} | ${files} | ${row.join(' | ')} |\n`);
    }
  }
}

/** What curl (which has no way to send many files) and rsync take. */
async function peersOver(link: Link, folder: string, isOneFile: boolean): Promise<number[]> {
  const curl = isOneFile ? await overLink(link, nginx, (port) => curlUp(port, folder)) : Number.NaN;
  return [curl, await overLink(link, rsyncDaemon(null), (port) => rsyncUp(port, folder))];
}

/** Megabits a second, and what is sent over it: about six seconds. */
const RATES = [
  { id: '10', mbit: 10, bytes: 8 * MiB },
  { id: '100', mbit: 100, bytes: 64 * MiB },
  { id: '1000', mbit: 1000, bytes: 256 * MiB },
];
const RULES = ['auto', 'always', 'never'] as const;

async function measureCompression(): Promise<void> {
  ipRoute('ip', 'link', 'set', 'lo', 'up');
  stdout.write(
    '| link | files | auto | always | never | auto ÷ best |\n| --- | --- | --- | --- | --- | --- |\n',
  );
  for (const { mbit, bytes } of chosen(RATES)) {
    ipRoute(
      'tc',
      'qdisc',
      'replace',
      'dev',
      'lo',
      'root',
      'tbf',
      'rate',
      `${mbit}mbit`,
      'burst',
      '256kb',
      'latency',
      '50ms',
    );
    for (const kind of Object.keys(SCENE_KINDS) as SceneKind[]) {
      const folder = join(work, `${kind}-${mbit}`);
      await mkdir(folder);
      await SCENE_KINDS[kind](folder, bytes);
      const ours = await bestOf(RULES, (rule) =>
        beside(door, (port) => send(`http://0.0.0.0:${port}`, folder, rule, null)),
      );
      const [auto, ...others] = ours as [number, number, number];
      stdout.write(
        `| ${mbit} Mbit/s | ${kind}, ${bytes / MiB} MiB | ${ours.map(seconds).join(' | ')} | ${(auto / Math.min(...others)).toFixed(2)} |\n`,
      );
      rmSync(folder, { recursive: true });
    }
  }
}

function chosen<Row extends { id: string }>(rows: readonly Row[]): Row[] {
  const wanted = values.only?.split(',');
  return rows.filter(({ id }) => wanted === undefined || wanted.includes(id));
}

/** Medians of the runs, the contenders taking turns. */
async function bestOf<Contender>(
  contenders: readonly Contender[],
  take: (contender: Contender) => Promise<number>,
): Promise<number[]> {
  const taken = contenders.map((): number[] => []);
  for (let run = 0; run < Number(values.runs); run++)
    for (const [at, contender] of contenders.entries()) {
      const figure = await take(contender);
      stderr.write(`${contender ?? 'adaptive'}: ${figure.toFixed(2)} s\n`);
      taken[at]!.push(figure);
    }
  return taken.map(median);
}

type Start = (home: string, port: number) => Promise<Server>;

function door(home: string, port: number): Promise<Server> {
  return serve(execPath, [DOOR, join(home, 'door'), 'never'], {
    waitsForLine: true,
    env: { BENCH_PORT: String(port) },
  });
}

async function beside(start: Start, action: (port: number) => Promise<number>): Promise<number> {
  const home = await mkdtemp(join(work, 'server-'));
  const port = await freePort();
  const server = await start(home, port);
  try {
    await listening(port);
    return await action(port);
  } finally {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

function overLink(link: Link, start: Start, action: (port: number) => Promise<number>): Promise<number> {
  return beside(start, async (port) => {
    const { roundTripMs, ownPerSecond, sharedPerSecond, windowBytes } = link;
    const words = [port, roundTripMs, ownPerSecond, sharedPerSecond, windowBytes].map(String);
    const proxy = await serve(execPath, [PROXY, ...words], { waitsForLine: true });
    try {
      return await action(Number(proxy.line));
    } finally {
      await proxy.stop();
    }
  });
}

async function send(url: string, folder: string, compress: string, width: number | null): Promise<number> {
  const requests = width === null ? {} : { BENCH_REQUESTS: String(width) };
  const how = { BENCH_COMPRESS: compress, ...requests };
  return Number((await run(execPath, [CLIENT, 'up', url, folder], how)).stdout);
}

async function curlUp(port: number, folder: string): Promise<number> {
  const from = join(folder, LONG_NAME);
  return (await run('curl', ['-sf', '-T', from, `http://127.0.0.1:${port}/${LONG_NAME}`])).seconds;
}

async function rsyncUp(port: number, folder: string): Promise<number> {
  return (await run('rsync', ['-a', `${folder}/`, `rsync://127.0.0.1:${port}/m/`])).seconds;
}

function ipRoute(program: string, ...args: string[]): void {
  const { status, stderr: said } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${said}`);
}

function seconds(figure: number): string {
  return Number.isNaN(figure) ? '' : `${figure.toFixed(1)} s`;
}

if (what === 'width') await measureWidths();
else await measureCompression();
