/**
 * What bounds a transfer: the bandwidth limit, and memory.
 *
 *   node bench/transfer-limits.ts rate [--seconds 6] [--limits 500,2000,20000]     does a limit in KB/s hold, up and down, one file and
 *                                                                       many, and one straight to and from S3 servers
 *   node bench/transfer-limits.ts files [--files 500000] [--heap 128]   many tiny files up as one commit, and down
 *   node bench/transfer-limits.ts long [--gb 100] [--heap 128]          one long sparse file up
 *   node bench/transfer-limits.ts farm [--files 100000]                 what a commit of so many costs `croft server`
 *
 * `files` and `long` have a receiver that discards everything, so that only the sender's memory is looked at: the peak of its
 * resident set, under a heap limit. The long file is a hole of zeros: nothing is read from the disk, but all of it is hashed and
 * goes over loopback, which takes minutes.
 *
 * `rate` runs in a network namespace of its own where the machine allows that (`unshare -rn`), so that the counters of the
 * loopback interface are those of this transfer alone: every byte on the wire, with headers, questions and the commit.
 * Elsewhere only the payload is measured.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, execPath, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { silentLog, systemClock } from '@croft/contract';
import { TransferClient, type TransferProgress } from '@croft/transfer';
import { S3_SERVER_NAMES, type S3ServerName, whyNoS3Servers } from '../tests/support/s3-servers.ts';
import {
  type BoundedRun,
  commitToFarm,
  downloadMany,
  makeManyFiles,
  uploadMany,
  uploadSparse,
} from './support/bounded.ts';
import { benchFolder, residentMiB, startFarm } from './support/farm.ts';
import { S3_KEY_ENV, startS3 } from './transfer/croft.ts';

const DOOR = new URL('../packages/server/src/transfer-door/bench-door.ts', import.meta.url).pathname;
const KB = 1024;
const OWN_NETWORK = 'CROFT_BENCH_OWN_NETWORK';

const { values, positionals } = parseArgs({
  args: argv.slice(2),
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '6' },
    limits: { type: 'string', default: '500,2000,20000' },
    files: { type: 'string', default: '500000' },
    gb: { type: 'string', default: '100' },
    heap: { type: 'string', default: '128' },
  },
});

interface Source {
  what: string;
  bytes: number;
  files: { localPath: string; treePath: string }[];
}

async function makeFiles(folder: string, what: string, count: number, fileBytes: number): Promise<Source> {
  await mkdir(folder);
  const files: Source['files'] = [];
  for (let number = 0; number < count; number++) {
    const localPath = join(folder, `${number}.bin`);
    await writeFile(localPath, randomBytes(fileBytes));
    files.push({ localPath, treePath: `/${number}.bin` });
  }
  return { what, bytes: count * fileBytes, files };
}

/** Bytes over the loopback interface so far; 0 where that would be everybody's. */
function wireBytes(): number {
  if (process.env[OWN_NETWORK] === undefined) return 0;
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((one) => one.trim().startsWith('lo:'));
  return Number(line?.trim().split(/\s+/)[1] ?? 0);
}

interface Sample {
  ms: number;
  wire: number;
}

/** Runs `transfer` and looks at the wire from its first moved byte to its end. */
async function watched(transfer: (onProgress: (progress: TransferProgress) => void) => Promise<unknown>) {
  const samples: Sample[] = [];
  const look = () => samples.push({ ms: performance.now(), wire: wireBytes() });
  let timer: NodeJS.Timeout | undefined;
  await transfer(({ phase }) => {
    if (phase !== 'asking' && phase !== 'receiving') return;
    if (timer !== undefined) return;
    look();
    timer = setInterval(look, 50);
  });
  clearInterval(timer);
  look();
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const wire = last.wire - first.wire;
  const reached = (share: number) => samples.find((sample) => sample.wire - first.wire >= wire * share)!;
  const [tenth, mostOfIt] = [reached(0.1), reached(0.9)];
  return {
    seconds: (last.ms - first.ms) / 1000,
    wire,
    /** Bytes a second of wire, of the four fifths in the middle. */
    steady: ((mostOfIt.wire - tenth.wire) * 1000) / (mostOfIt.ms - tenth.ms),
  };
}

const percent = (bytesPerSecond: number, limitKbps: number) =>
  `${((bytesPerSecond / (limitKbps * KB)) * 100).toFixed(1)} %`;

async function measureRate(
  limitKbps: number,
  source: Source,
  home: string,
  s3: S3ServerName | null = null,
): Promise<void> {
  const bucket = s3 === null ? null : await startS3(s3, home);
  const args = [DOOR, home, 'never', ...(bucket === null ? [] : [bucket.place])];
  const door = spawn(execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...S3_KEY_ENV },
  });
  const client = await doorClient(door.stdout);
  const to = `${home}-down`;
  try {
    const ways = {
      up: (onProgress: (progress: TransferProgress) => void) =>
        client.upload({ root: 'input', files: source.files, limitKbps, onProgress }),
      down: (onProgress: (progress: TransferProgress) => void) =>
        client.download({ root: 'input', to, limitKbps, onProgress }),
    };
    for (const [way, transfer] of Object.entries(ways)) {
      const { seconds, wire, steady } = await watched(transfer);
      stdout.write(
        `| ${limitKbps} KB/s | ${way} | ${source.what}${s3 === null ? '' : `, ${s3}`} | ${seconds.toFixed(2)} s | ${percent(source.bytes / seconds, limitKbps)} | ${percent(wire / seconds, limitKbps)} | ${percent(steady, limitKbps)} |\n`,
      );
    }
  } finally {
    await client.close();
    const gone = once(door, 'exit');
    door.kill('SIGKILL');
    await gone;
    await bucket?.server.stop();
    await rm(home, { recursive: true, force: true });
    await rm(to, { recursive: true, force: true });
  }
}

async function doorClient(output: NodeJS.ReadableStream): Promise<TransferClient> {
  const [baseUrl] = (await once(createInterface({ input: output }), 'line')) as [string];
  return new TransferClient({
    baseUrl,
    clock: systemClock,
    log: silentLog,
    authorise: (_method, _target, sha256) => ({
      authorization: 'Bearer account-1',
      'croft-content-sha256': sha256,
    }),
  });
}

async function rates(): Promise<void> {
  const work = benchFolder();
  const seconds = Number(values.seconds);
  stdout.write(
    '| limit | way | what | took | payload ÷ limit | wire ÷ limit | wire ÷ limit in the middle |\n| --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const limitKbps of values.limits.split(',').map(Number)) {
    const bytes = limitKbps * KB * seconds;
    const sources = [
      await makeFiles(join(work, `one-${limitKbps}`), 'one file', 1, bytes),
      await makeFiles(join(work, `many-${limitKbps}`), '10 KB files', Math.floor(bytes / 10_000), 10_000),
    ];
    // With questions, ids and the commit three times their own bytes.
    const tiny = Math.floor(bytes / 900);
    if (tiny < 10_000)
      sources.push(await makeFiles(join(work, `tiny-${limitKbps}`), '300 B files', tiny, 300));
    for (const source of sources) await measureRate(limitKbps, source, join(work, 'store'));
    // Short files come through the farm, and would be counted twice.
    for (const s3 of whyNoS3Servers() === null ? S3_SERVER_NAMES : [])
      await measureRate(limitKbps, sources[0]!, join(work, 'store'), s3);
  }
}

/** Starts this script again where loopback is its own; where that is not allowed, goes on here. */
function inOwnNetwork(): boolean {
  if (process.env[OWN_NETWORK] !== undefined) return false;
  const inner = `ip link set lo up && exec "$@"`;
  const args = ['-rn', 'sh', '-c', inner, 'sh', execPath, ...argv.slice(1)];
  if (spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up']).status !== 0) return false;
  const { status } = spawnSync('unshare', args, {
    stdio: 'inherit',
    env: { ...process.env, [OWN_NETWORK]: '1' },
  });
  process.exitCode = status ?? 1;
  return true;
}

function tellMemory(what: string, { code, seconds, peakMiB }: BoundedRun): void {
  const told = code === 0 ? `${seconds.toFixed(0)} s | ${peakMiB.toFixed(0)} MiB` : 'failed | out of memory';
  stdout.write(`| ${what} | ${values.heap} MiB | ${told} |\n`);
}

async function manyFiles(): Promise<void> {
  const work = benchFolder();
  const [files, heapMiB] = [Number(values.files), Number(values.heap)];
  makeManyFiles(work, files);
  tellMemory(`upload ${files} files`, await uploadMany(work, files, heapMiB));
  tellMemory(`download ${files} files`, await downloadMany(join(work, 'down'), files, heapMiB));
}

async function longFile(): Promise<void> {
  const file = join(benchFolder(), 'long.abc');
  const told = await uploadSparse(file, Number(values.gb) * 1e9, Number(values.heap));
  tellMemory(`upload ${values.gb} GB`, told);
}

/** A real farm takes them all as one commit. */
async function realFarm(): Promise<void> {
  const [work, files] = [benchFolder(), Number(values.files)];
  makeManyFiles(work, files);
  const farm = await startFarm('server', join(work, 'home'));
  try {
    const pid = farm.child.pid!;
    const before = residentMiB(pid);
    const { peakMiB, seconds, commitSeconds } = await commitToFarm(farm, work, files);
    stdout.write(
      `| croft server takes ${files} files | | ${seconds.toFixed(0)} s, the commit ${commitSeconds.toFixed(1)} s | ${before.toFixed(0)} MiB before, ${peakMiB.toFixed(0)} MiB at most, ${residentMiB(pid).toFixed(0)} MiB after |\n`,
    );
  } finally {
    await farm.stop();
  }
}

const [what = 'rate'] = positionals;
if (what === 'rate') {
  if (!inOwnNetwork()) await rates();
} else {
  stdout.write('| what | heap limit | took | peak memory |\n| --- | --- | --- | --- |\n');
  if (what === 'files') await manyFiles();
  else if (what === 'long') await longFile();
  else if (what === 'farm') await realFarm();
  else throw new Error(`there is no ${what}: rate, files, long or farm`);
}
