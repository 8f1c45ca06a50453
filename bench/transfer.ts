/**
 * Uploads over loopback against the transfer door in its own process: 1 GiB in one file, and 10,000 files of 10 KB.
 * And those 10,000 files down. Durability: Croft hashes on both sides; with the policy `always` it syncs every part and pack
 * before it answers, with `never` it leaves that to the system. Short downloads are not synced. curl → nginx neither hashes
 * nor syncs; rsync neither, `rsync --fsync` syncs. Peers run interleaved in the same run where they are installed.
 *
 *   node bench/transfer.ts [--runs 5]
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { GiB, MiB, silentLog, systemClock } from '@croft/contract';
import { type SyncPolicy, TransferClient } from '@croft/transfer';

const FILES = 10_000;
const FILE_BYTES = 10_000;
const DOOR = new URL('../packages/server/src/transfer-door/bench-door.ts', import.meta.url).pathname;

type Measure = () => Promise<number>;
interface Source {
  folder: string;
  files: { localPath: string; treePath: string }[];
}

async function seconds(action: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

function installed(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

async function makeLong(folder: string): Promise<Source> {
  await mkdir(folder);
  const localPath = join(folder, 'long.abc');
  const file = await open(localPath, 'w');
  for (let at = 0; at < GiB; at += 16 * MiB) await file.write(randomBytes(16 * MiB));
  await file.sync();
  await file.close();
  return { folder, files: [{ localPath, treePath: '/long.abc' }] };
}

async function makeSmall(folder: string): Promise<Source> {
  await mkdir(folder);
  const files: Source['files'] = [];
  for (let number = 0; number < FILES; number++) {
    const localPath = join(folder, `${number}.bin`);
    await writeFile(localPath, randomBytes(FILE_BYTES));
    files.push({ localPath, treePath: `/${number}.bin` });
  }
  return { folder, files };
}

/** One upload into a fresh store; the second one into the same store is the re-upload; then all of it down. */
async function croftTransfer(
  work: string,
  source: Source,
  sync: SyncPolicy,
): Promise<{ first: number; again: number; down: number }> {
  const home = join(work, 'store');
  const door = spawn(execPath, [DOOR, home, sync], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [url] = (await once(createInterface({ input: door.stdout }), 'line')) as [string];
    const client = new TransferClient({
      baseUrl: url,
      clock: systemClock,
      log: silentLog,
      authorise: (_method, _target, sha256) => ({
        authorization: 'Bearer account-1',
        'croft-content-sha256': sha256,
      }),
    });
    const upload = () => client.upload({ root: 'input', files: source.files });
    const first = await seconds(upload);
    const again = await seconds(upload);
    const to = join(work, 'down');
    const down = await seconds(() => client.download({ root: 'input', to }));
    await rm(to, { recursive: true });
    await client.close();
    return { first, again, down };
  } finally {
    const gone = once(door, 'exit');
    door.kill('SIGKILL');
    await gone;
    await rm(home, { recursive: true });
  }
}

function rsync(work: string, source: Source, ...flags: string[]): Measure {
  return async () => {
    const to = join(work, 'rsync');
    const taken = await seconds(() => execFileSync('rsync', ['-a', ...flags, `${source.folder}/`, to]));
    await rm(to, { recursive: true });
    return taken;
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function curlToNginx(work: string, source: Source): Measure {
  return async () => {
    const home = join(work, 'nginx');
    await mkdir(join(home, 'dav'), { recursive: true });
    const port = await freePort();
    const conf = `user root; daemon off; pid ${home}/pid; error_log ${home}/error.log; events {}
      http { access_log off; client_max_body_size 0; client_body_temp_path ${home}/body; server {
      listen 127.0.0.1:${port}; location / { root ${home}/dav; dav_methods PUT; } } }`;
    await writeFile(join(home, 'nginx.conf'), conf);
    const nginx = spawn('nginx', ['-c', join(home, 'nginx.conf')], { stdio: 'ignore' });
    try {
      const target = `http://127.0.0.1:${port}/long.abc`;
      const curl = ['-sf', '--retry', '20', '--retry-connrefused', '--retry-delay', '1'];
      spawnSync('curl', [...curl, '-T', '/dev/null', `${target}.warm`]);
      return await seconds(() => execFileSync('curl', ['-sf', '-T', source.files[0]!.localPath, target]));
    } finally {
      const gone = once(nginx, 'exit');
      nginx.kill('SIGTERM');
      await gone;
      await rm(home, { recursive: true });
    }
  };
}

function median(figures: number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)]!;
}

function row(what: string, mine: number[], peer: string, theirs: number[] | null, goal: string): string {
  const croft = median(mine);
  const other = theirs === null ? 'absent' : `${median(theirs).toFixed(2)} s`;
  const ratio = theirs === null ? '-' : `${(median(theirs) / croft).toFixed(2)} ×`;
  return `| ${what} | ${croft.toFixed(2)} s | ${peer} | ${other} | ${ratio} | ${goal} |\n`;
}

const { values } = parseArgs({ args: argv.slice(2), options: { runs: { type: 'string', default: '5' } } });
const work = await mkdtemp(join(tmpdir(), 'croft-bench-'));
try {
  const long = await makeLong(join(work, 'long'));
  const small = await makeSmall(join(work, 'small'));
  const figures = {
    long: [] as number[],
    longNever: [] as number[],
    longDown: [] as number[],
    small: [] as number[],
    smallNever: [] as number[],
    smallAgain: [] as number[],
    smallDown: [] as number[],
  };
  const peers = {
    curl: installed('nginx') && installed('curl') ? ([] as number[]) : null,
    rsync: installed('rsync') ? ([] as number[]) : null,
    rsyncSync: installed('rsync') ? ([] as number[]) : null,
  };
  for (let run = 0; run < Number(values.runs); run++) {
    const one = await croftTransfer(work, long, 'always');
    figures.long.push(one.first);
    figures.longDown.push(one.down);
    figures.longNever.push((await croftTransfer(work, long, 'never')).first);
    peers.curl?.push(await curlToNginx(work, long)());
    const many = await croftTransfer(work, small, 'always');
    figures.small.push(many.first);
    figures.smallAgain.push(many.again);
    figures.smallDown.push(many.down);
    figures.smallNever.push((await croftTransfer(work, small, 'never')).first);
    peers.rsync?.push(await rsync(work, small)());
    peers.rsyncSync?.push(await rsync(work, small, '--fsync')());
  }
  stdout.write(
    '| what | Croft | peer | peer took | peer ÷ Croft | goal |\n| --- | --- | --- | --- | --- | --- |\n',
  );
  stdout.write(row('upload 1 GiB', figures.long, 'curl -T → nginx dav', peers.curl, '≥ 0.6 ×, dream 0.9 ×'));
  stdout.write(row('upload 1 GiB, --sync never', figures.longNever, 'the same', peers.curl, '≥ 0.6 ×'));
  stdout.write(row('download 1 GiB', figures.longDown, '-', null, ''));
  stdout.write(
    row('upload 10,000 × 10 KB, --sync never', figures.smallNever, 'rsync', peers.rsync, '≥ 0.5 ×'),
  );
  stdout.write(row('download 10,000 × 10 KB', figures.smallDown, 'rsync', peers.rsync, ''));
  stdout.write(row('upload 10,000 × 10 KB', figures.small, 'rsync', peers.rsync, '≥ 0.5 ×, dream 1 ×'));
  stdout.write(row('upload 10,000 × 10 KB', figures.small, 'rsync --fsync', peers.rsyncSync, '≥ 1 ×'));
  stdout.write(row('the same again, unchanged', figures.smallAgain, '-', null, '100,000 in ≤ 2 s'));
} finally {
  await rm(work, { recursive: true, force: true });
}
