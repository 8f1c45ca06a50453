/**
 * Which apps this machine has. Probing one starts it, so the answer is kept in a file and used again as long as
 * nothing that it rests on has changed: the executables (size, modification time), the search path, the folders on it
 * where another version would appear, and the operating system's release; and for a week at most.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Clock, coerceError, DAY, type Log, MiB } from '@croft/contract';
import type { App, Installation, MachineProbe, ProbeResult } from '@croft/dcc';
import type { NodeHome } from '../home/home-layout.ts';
import { killGroup } from '../process/kill.ts';

export interface InstalledApp {
  readonly app: App;
  readonly installation: Installation;
}

interface Kept {
  readonly at: number;
  readonly ground: string;
  readonly found: Record<string, { installation: Installation; executable: string }[]>;
}

const KEPT_MS = 7 * DAY;
const MOST_OUTPUT_BYTES = 4 * MiB;

/** Everything `apps` find here; `env` is the node's environment. A detect that throws counts as nothing found. */
export async function installedApps(parts: {
  apps: readonly App[];
  home: NodeHome;
  /** Where the answer is kept; nodes of one user may share it. */
  file: string;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  log: Log;
}): Promise<InstalledApp[]> {
  const { apps, home, file, env, clock, log } = parts;
  const ground = await groundOf(env);
  const kept = await readKept(file);
  const isFresh = kept !== null && kept.ground === ground && clock.now() - kept.at < KEPT_MS;
  const found: Kept['found'] = {};
  const installed: InstalledApp[] = [];
  for (const app of apps) {
    const before = isFresh ? kept.found[app.id] : undefined;
    const known = before !== undefined && before.length > 0 && (await areUnchanged(before)) ? before : null;
    const mine = known ?? (await detected(app, home, env, log));
    found[app.id] = mine;
    for (const { installation } of mine) installed.push({ app, installation });
  }
  const answer: Kept = { at: isFresh ? kept.at : clock.now(), ground, found };
  await keep(file, answer).catch((thrown: unknown) =>
    log.warn({ file, err: coerceError(thrown) }, 'what was found cannot be kept; the next start looks again'),
  );
  return installed;
}

async function keep(file: string, answer: Kept): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, JSON.stringify(answer), { mode: 0o600 });
  await rename(fresh, file);
}

/**
 * The installation that serves a wanted version: the same, else the newest of the same major and minor version, else
 * none. An empty wish takes the newest.
 */
export function installationFor(
  installed: readonly InstalledApp[],
  app: string,
  version: string,
): InstalledApp | null {
  const mine = installed
    .filter((one) => one.app.id === app)
    .sort((a, b) => compareVersions(b.installation.version, a.installation.version));
  if (version === '') return mine[0] ?? null;
  const family = (text: string) => text.split('.').slice(0, 2).join('.');
  return (
    mine.find((one) => one.installation.version === version) ??
    mine.find((one) => family(one.installation.version) === family(version)) ??
    null
  );
}

async function detected(
  app: App,
  home: NodeHome,
  env: NodeJS.ProcessEnv,
  log: Log,
): Promise<Kept['found'][string]> {
  const scratch = join(home.scratch, app.id);
  await mkdir(scratch, { recursive: true });
  const probe: MachineProbe = { env, platform: process.platform, scratch, run: runProbe };
  try {
    const installations = await app.detect(probe);
    log.info({ app: app.id, versions: installations.map((one) => one.version) }, 'looked for an app');
    return await Promise.all(
      installations.map(async (installation) => ({
        installation,
        executable: await identityOf(installation.executable),
      })),
    );
  } catch (thrown) {
    log.error({ app: app.id, err: coerceError(thrown).stack }, 'looking for an app failed');
    return [];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function runProbe(file: string, args: readonly string[], timeoutMs: number): Promise<ProbeResult | null> {
  return new Promise((resolve) => {
    const options = {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MOST_OUTPUT_BYTES,
      windowsHide: true,
    } as const;
    const detached = process.platform !== 'win32' ? { detached: true } : {};
    const child = execFile(file, [...args], { ...options, ...detached }, (error, stdout, stderr) => {
      if (child.pid === undefined) return resolve(null);
      killGroup(child.pid, 'SIGKILL');
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}

async function areUnchanged(known: Kept['found'][string]): Promise<boolean> {
  for (const { installation, executable } of known) {
    if ((await identityOf(installation.executable)) !== executable) return false;
  }
  return true;
}

async function identityOf(file: string): Promise<string> {
  const facts = await stat(file).catch(() => null);
  return facts === null ? 'none' : `${facts.size} ${facts.mtimeMs}`;
}

async function groundOf(env: NodeJS.ProcessEnv): Promise<string> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/opt'].filter((one) => one !== '');
  return JSON.stringify([release(), env.PATH ?? '', ...(await Promise.all(folders.map(identityOf)))]);
}

async function readKept(file: string): Promise<Kept | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return null;
  }
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
