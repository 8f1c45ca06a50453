/** Croft's side of each row: a door and a client, each a process of its own. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { farmSession } from '@croft/sdk';
import type { SyncPolicy } from '@croft/transfer';
import { S3_PROGRAMS, type S3ServerName, s3Program } from '../../tests/support/s3-servers.ts';
import { startFarm } from '../support/farm.ts';
import {
  type Cost,
  costSoFar,
  freePort,
  listening,
  NO_COST,
  run,
  type Server,
  serve,
  type Taken,
} from './processes.ts';

const DOOR = new URL('../../packages/server/src/transfer-door/bench-door.ts', import.meta.url).pathname;
const CLIENT = new URL('./client.ts', import.meta.url).pathname;
const TRANSMITTER = new URL('../../packages/cli/src/transmitter-main.ts', import.meta.url).pathname;
export const BUCKET = 'bench';
export const SECRET = 'only-for-the-benchmarks-of-croft';
/** What the door finds the bucket's key in. */
export const S3_KEY_ENV = { BENCH_S3_KEY_ID: 'bench', BENCH_S3_SECRET: SECRET };

export type Way = 'up' | 'up-delta' | 'down';
export interface Store {
  readonly sync: SyncPolicy;
  /** null: the door's own folder. */
  readonly s3: S3ServerName | null;
}

async function client(way: Way, url: string, folder: string, kbps: number | null = null) {
  const limit = kbps === null ? [] : [String(kbps)];
  const { stdout, cost } = await run(execPath, [CLIENT, way, url, folder, ...limit]);
  return { seconds: Number(stdout), client: cost };
}

/** Runs `action` against a fresh door; gives what it took, and what the door and its S3 server cost. */
async function atDoor(
  work: string,
  { sync, s3 }: Store,
  action: (url: string, ready: () => Promise<unknown>) => Promise<Pick<Taken, 'seconds' | 'client'>>,
): Promise<Taken> {
  const home = await mkdtemp(join(work, 'store-'));
  const servers: Server[] = [];
  try {
    const bucket = s3 === null ? null : await startS3(s3, home);
    if (bucket !== null) servers.push(bucket.server);
    const args = [DOOR, join(home, 'door'), sync, ...(bucket === null ? [] : [bucket.place])];
    const door = await serve(execPath, args, { waitsForLine: true, env: S3_KEY_ENV });
    servers.unshift(door);
    const taken = await action(door.line, () => Promise.all(servers.map((server) => server.mark())));
    const costs: Cost[] = [];
    for (const server of servers.splice(0)) costs.push(await server.stop());
    const [server = NO_COST, store] = costs;
    return { ...taken, server, ...(store === undefined ? {} : { store }) };
  } finally {
    for (const server of servers) await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

/** A real S3 server with an empty bucket whose bytes lie below `home`; `place` is what a store is opened with. */
export async function startS3(
  name: S3ServerName,
  home: string,
): Promise<{ server: Server; endpoint: string; place: string }> {
  const bytes = join(home, 'bucket');
  await mkdir(join(bytes, BUCKET), { recursive: true });
  const port = await freePort();
  const env = {
    ROOT_ACCESS_KEY_ID: 'bench',
    ROOT_SECRET_ACCESS_KEY: SECRET,
    MINIO_ROOT_USER: 'bench',
    MINIO_ROOT_PASSWORD: SECRET,
    MINIO_BROWSER: 'off',
  };
  const server = await serve(await s3Program(name), S3_PROGRAMS[name].arguments(port, bytes), { env });
  await listening(port);
  const endpoint = `http://127.0.0.1:${port}`;
  for (;;) {
    const answer = await fetch(endpoint).catch(() => null);
    await answer?.body?.cancel();
    // 503: MinIO listens before it is ready.
    if (answer !== null && answer.status < 500) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  return { server, endpoint, place: `s3://${BUCKET}/farm?endpoint=${encodeURIComponent(endpoint)}` };
}

/** A folder into a fresh store. */
export function upload(work: string, folder: string, store: Store): Promise<Taken> {
  return atDoor(work, store, (url) => client('up', url, folder));
}

/** A folder out of a store. */
export async function download(work: string, folder: string, store: Store): Promise<Taken> {
  const to = join(work, 'down');
  try {
    return await atDoor(work, store, async (url, ready) => {
      await client('up', url, folder);
      await ready();
      return client('down', url, to);
    });
  } finally {
    await rm(to, { recursive: true, force: true });
  }
}

/** A folder that resembles what is in the store already; with a limit in KB/s, also through one. */
export function uploadAgain(
  work: string,
  before: string,
  after: string,
  store: Store,
  kbps: number | null,
): Promise<Taken> {
  return atDoor(work, store, async (url, ready) => {
    await client('up', url, before);
    await ready();
    return client('up-delta', url, after, kbps);
  });
}

/** The farm and the local database that a transmitter meets when it sends the same folder again. */
export async function unchangedDesk(work: string, folder: string) {
  const desk = await mkdtemp(join(work, 'desk-'));
  const ini = join(desk, 'db.ini');
  await writeFile(
    ini,
    `[database]\non = true\ntype = sqlite\n[sqlite]\ndb_path = ${join(desk, 'sent.db')}\ntemporary = false\n`,
  );
  const farm = await startFarm('server', join(desk, 'home'));
  const session = farmSession(JSON.parse(readFileSync(join(farm.home, 'client.json'), 'utf8')));
  const [{ input }, { userId }] = [await session.api.user.storageIds(), await session.api.user.profile()];
  await session.close();
  const { hostname, port } = new URL(farm.url);
  const farmArgs = ['-E', 'aspera', '-H', hostname, '-P', port, '-S', input, '-U', String(userId)];
  const args = [...farmArgs, '-T', 'upload_path', '-L', folder, '-R', '/many/', '-C', ini, '-s', '1048576'];
  const send = () => run(execPath, ['--disable-warning=ExperimentalWarning', TRANSMITTER, ...args]);
  await send();
  return {
    async again(): Promise<Taken> {
      const before = costSoFar(farm.child.pid!);
      const { seconds, cost, stdout } = await send();
      if (/upload file done/.test(stdout)) throw new Error('a file counted as changed');
      const after = costSoFar(farm.child.pid!);
      const server = { cpuSeconds: after.cpuSeconds - before.cpuSeconds, peakMiB: after.peakMiB };
      return { seconds, client: cost, server };
    },
    close: () => farm.stop(),
  };
}
