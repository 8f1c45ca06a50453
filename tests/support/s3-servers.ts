/**
 * Two real S3 servers for the tests, which differ in the details: the Versity gateway and MinIO. They are built once from
 * their sources, through the Go module proxy, at exact versions, and kept in the user's cache; each runs only as a process of
 * the test that started it. Where no Go of at least 1.24 is, or the sources cannot be fetched, `whyNoS3Servers` says so.
 *
 *   node tests/support/s3-servers.ts      builds what is not built yet; prints a line for each
 *
 * Several processes may ask at once: the first one builds, in a folder of its own that becomes the cached one by a rename,
 * the others wait. A builder that died is known by its process id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { userCache } from './user-cache.ts';

interface S3Program {
  readonly module: string;
  readonly version: string;
  readonly binary: string;
  arguments(port: number, folder: string): string[];
  environment: Record<string, string>;
}

const KEY_ID = 'croft-tests';
const SECRET = 'only-for-the-tests-of-croft';

export const S3_PROGRAMS = {
  versitygw: {
    module: 'github.com/versity/versitygw/cmd/versitygw',
    version: 'v1.8.0',
    binary: 'versitygw',
    arguments: (port, folder) => ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', folder],
    environment: { ROOT_ACCESS_KEY_ID: KEY_ID, ROOT_SECRET_ACCESS_KEY: SECRET },
  },
  minio: {
    module: 'github.com/minio/minio',
    version: 'v0.0.0-20260212201848-7aac2a2c5b7c',
    binary: 'minio',
    arguments: (port, folder) => ['server', '--quiet', '--address', `127.0.0.1:${port}`, folder],
    environment: { MINIO_ROOT_USER: KEY_ID, MINIO_ROOT_PASSWORD: SECRET, MINIO_BROWSER: 'off' },
  },
} as const satisfies Record<string, S3Program>;

export type S3ServerName = keyof typeof S3_PROGRAMS;
export const S3_SERVER_NAMES = Object.keys(S3_PROGRAMS) as S3ServerName[];

/** How long a build may take on a busy machine of two cores. */
export const S3_BUILD_MS = 9 * 60_000;
/**
 * Two compilers at once, nothing optimised, no debugging data: a third less work for the compiler (86 instead of 133 seconds of
 * processor for the first one), and the servers' hashing is assembly anyway.
 */
const BUILD_FLAGS = ['-p', '2', '-trimpath', '-gcflags=all=-N -l -dwarf=false', '-ldflags=-s -w'];

/** Why there can be no S3 server here; null where there can be. */
export function whyNoS3Servers(): string | null {
  const asked = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const version = /^go1\.(\d+)/.exec(asked.stdout ?? '');
  if (version === null) return 'no Go to build an S3 server with';
  if (Number(version[1]) < 24) return `Go ${version[0]} is older than 1.24`;
  return S3_SERVER_NAMES.every((name) => existsSync(fileOf(name)) || canBeFetched(name))
    ? null
    : 'the sources of an S3 server cannot be fetched here';
}

const FETCH_MS = 60_000;

/** Whether the module's sources can be had: the same question that the build asks first. */
function canBeFetched(name: S3ServerName): boolean {
  const { module, version } = S3_PROGRAMS[name];
  const root = module.split('/').slice(0, 3).join('/');
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' };
  const asked = spawnSync('go', ['list', '-m', `${root}@${version}`], {
    cwd: tmpdir(),
    env,
    timeout: FETCH_MS,
  });
  return asked.status === 0;
}

function fileOf(name: S3ServerName): string {
  const { binary, version } = S3_PROGRAMS[name];
  return join(cacheFolder(), `${name}-${version}`, binary);
}

function cacheFolder(): string {
  return join(userCache(), 's3-servers');
}

/** The program's file, built first where it is not there yet. Throws with the compiler's words. */
export async function s3Program(name: S3ServerName): Promise<string> {
  const { version } = S3_PROGRAMS[name];
  const file = fileOf(name);
  const lock = join(cacheFolder(), `${name}-${version}.building`);
  await mkdir(cacheFolder(), { recursive: true });
  for (;;) {
    if (await exists(file)) return file;
    if (await takeLock(lock)) break;
    await new Promise((done) => setTimeout(done, 250));
  }
  try {
    if (!(await exists(file))) await build(name, dirname(file));
    return file;
  } finally {
    await unlink(lock);
  }
}

/** false while another process that lives has it. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    let builder: number;
    try {
      builder = Number(readFileSync(lock, 'utf8'));
    } catch {
      return false;
    }
    try {
      if (builder > 0) process.kill(builder, 0);
    } catch {
      await rm(lock, { force: true });
    }
    return false;
  }
}

/** The compiler under way; it must not outlive this process. */
let compiler: ChildProcess | null = null;

async function build(name: S3ServerName, to: string): Promise<void> {
  const { module, version } = S3_PROGRAMS[name];
  const folder = await mkdtemp(join(cacheFolder(), 'building-'));
  try {
    const child = spawn('go', ['install', ...BUILD_FLAGS, `${module}@${version}`], {
      cwd: folder,
      env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'auto', CGO_ENABLED: '0', GOFLAGS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    compiler = child;
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4000);
    });
    const code = await new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    if (code !== 0) throw new Error(`${name} could not be built:\n${said}`);
    await rename(folder, to);
  } finally {
    compiler = null;
    await rm(folder, { recursive: true, force: true });
  }
}

export interface S3Server {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Where the server keeps its bytes. */
  readonly folder: string;
  /** Ends it as a crash would; `start` brings it back on the same port with the same bytes. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its bytes. */
  close(): Promise<void>;
}

/** Starts a server on a folder of its own, with these buckets, and waits until it answers. `settings` go into its environment. */
export async function startS3Server(
  name: S3ServerName,
  buckets: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<S3Server> {
  const file = await s3Program(name);
  const program: S3Program = S3_PROGRAMS[name];
  const folder = mkdtempSync(join(tmpdir(), `croft-${name}-`));
  const bytes = join(folder, 'bytes');
  await mkdir(bytes);
  // Both take a folder at the top for a bucket.
  for (const bucket of buckets) await mkdir(join(bytes, bucket));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let said = '';
  const start = async () => {
    const started = spawn(file, program.arguments(port, bytes), {
      cwd: folder,
      env: { ...process.env, ...program.environment, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk) => {
        said = `${said}${chunk}`.slice(-4000);
      });
    child = started;
    await answers(
      endpoint,
      () => started.exitCode === null,
      () => said,
    );
  };
  const kill = async () => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((done) => running.once('close', done));
    running.kill('SIGKILL');
    await ended;
  };
  const close = async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const credentials = { accessKeyId: KEY_ID, secretAccessKey: SECRET };
  return { endpoint, credentials, folder: bytes, kill, start, close };
}

async function answers(endpoint: string, lives: () => boolean, said: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; ; ) {
    const answer = await fetch(endpoint).catch(() => null);
    await answer?.body?.cancel();
    // 503: MinIO listens before it is ready.
    if (answer !== null && answer.status < 500) return;
    if (!lives() || Date.now() > end) throw new Error(`the S3 server does not answer:\n${said()}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const why = whyNoS3Servers();
  process.once('SIGTERM', () => compiler?.kill());
  if (why !== null) process.stdout.write(`${why}\n`);
  else
    for (const name of S3_SERVER_NAMES) {
      const since = Date.now();
      process.stdout.write(`${await s3Program(name)} (${Math.round((Date.now() - since) / 1000)} s)\n`);
    }
}
