/**
 * Desks of users who move files with `rayvision_transmitter`: local files, an account of one's own on a farm, and the program.
 * Most of a test needs only what the program does, and runs it in the test's own process; what is about the process itself
 * (exit codes through the launcher, signals, the environment, several at once) starts the launcher.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, systemClock } from '@croft/contract';
import { farmSession, nativeAccounts, transmit } from '@croft/sdk';
import { atEnd, type Outcome, outcomeOf, temporaryFolder } from './croft.ts';
import { keyOf, type TestFarm } from './farm.ts';

export interface Desk {
  readonly folder: string;
  readonly ids: { config: string; input: string; output: string };
  readonly userId: number;
  /** Options that name farm and storage; default the input storage. */
  at(bid?: string): string[];
  /** Runs the program with the options in this process. */
  run(...args: string[]): Promise<Outcome>;
  /** Runs the launcher with the options, to its end. */
  runProcess(...args: string[]): Promise<Outcome>;
  /** Starts the launcher. */
  start(args: readonly string[], env?: Record<string, string>): ChildProcess;
  /** Writes a local file, dated in the past. */
  file(path: string, bytes: Buffer | string): string;
  /** An upload.json of [local, server] pairs. */
  pairs(...pairs: (readonly [string, string])[]): string;
  /** Fetches a path of the input storage with the program itself. */
  stored(path: string): Promise<Buffer | null>;
}

let accounts = 0;

/** An account of its own on the farm: nothing is in its storages. */
async function newAccount(farm: TestFarm) {
  const admin = farmSession({ ...keyOf(farm), url: farm.url });
  try {
    const { create, createKey } = nativeAccounts(admin.native);
    const name = `desk ${accounts++}`;
    const { accountId } = await create({ name });
    return await createKey({ name, rights: 'full', accountId });
  } finally {
    await admin.close();
  }
}

/** A desk of a new account, or of the farm's first one. `exe` is the launcher. */
export async function openDesk(
  farm: TestFarm,
  exe: string,
  whose: 'new account' | 'first account' = 'new account',
): Promise<Desk> {
  const folder = temporaryFolder();
  const key = whose === 'new account' ? await newAccount(farm) : keyOf(farm);
  const { ids, userId } = await storagesOf({ ...key, url: farm.url });
  const { hostname, port } = new URL(farm.url);
  let numbers = 0;
  const desk: Desk = {
    folder,
    ids,
    userId,
    at: (bid = ids.input) => ['-E', 'aspera', '-H', hostname, '-P', port, '-S', bid, '-U', String(userId)],
    run: (...args) => runTransmitter(args),
    runProcess: (...args) => outcomeOf(desk.start(args)),
    start(args, env = {}) {
      const environment = { ...process.env, LD_LIBRARY_PATH: dirname(exe), ...env };
      const child = spawn(exe, args, { env: environment, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      atEnd(() => void child.kill('SIGTERM'));
      return child;
    },
    file(path, bytes) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      utimesSync(file, 1_700_000_000, 1_700_000_000);
      return file;
    },
    pairs: (...pairs) =>
      desk.file(
        `list-${numbers++}/upload.json`,
        JSON.stringify({ scene: 'ignored', asset: pairs.map(([local, server]) => ({ local, server })) }),
      ),
    async stored(path) {
      const to = join(folder, `look-${numbers++}`);
      const { code } = await desk.run(...desk.at(), '-T', 'download_path', '-R', path, '-L', to);
      const file = join(to, path.slice(path.lastIndexOf('/') + 1));
      return code === 0 && existsSync(file) ? readFileSync(file) : null;
    },
  };
  return desk;
}

/** The ids of an account's storages, and its number. */
export async function storagesOf(connection: { url: string; accessId: string; accessKey: string }) {
  const session = farmSession(connection);
  try {
    const ids = await session.api.user.storageIds();
    const { userId } = await session.api.user.profile();
    return { ids, userId };
  } finally {
    await session.close();
  }
}

/** The program below its process. `print` gets each line as well. */
export async function runTransmitter(
  args: readonly string[],
  { clock = systemClock, print = () => {} }: { clock?: Clock; print?: (line: string) => void } = {},
): Promise<Outcome> {
  let stdout = '';
  const code = await transmit(args, {
    version: '0',
    print: (line) => {
      stdout += `${line}\n`;
      print(line);
    },
    clock,
    signal: new AbortController().signal,
    key: null,
    scheme: null,
  });
  return { code, stdout, stderr: '' };
}

/** The launcher, as a user installs it. */
export async function launcherFor(farm: TestFarm): Promise<string> {
  const folder = join(temporaryFolder(), 'exe folder');
  return (await farm.json<{ path: string }>('transmitter', folder)).path;
}

/** A test reads better without the conversion. */
export const text = (bytes: Buffer | null) => bytes?.toString('utf8');
