/**
 * Starting and stopping the service as rayvision_sync wants it: each of its objects stops it and starts it again, also
 * while another one, perhaps of another process, is in the middle of a transfer. So `stop` ends an idle service only, and
 * `start` leaves one alone that runs. The service holds neither the terminal nor the pipes of whoever started it: a script
 * whose output is read to its end would never end otherwise.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, SECOND } from '@croft/contract';
import { RAYSYNC_SERVICE_PATH, sleep } from '@croft/sdk';
import { cliErrors } from '../errors.ts';
import type { ServiceFolder } from './service-folder.ts';

const START_MS = 20 * SECOND;
const END_MS = 5 * SECOND;
const LOOK_EVERY_MS = 0.05 * SECOND;
const ANSWER_MS = 5 * SECOND;

interface About {
  readonly pid: number;
  readonly ending: boolean;
}

/** Throws CLI_PORT_IN_USE where something else has the port, CLI_SERVICE_DIED where the service does not come up. */
export async function startInBackground(
  folder: ServiceFolder,
  clock: Clock,
): Promise<{ pid: number; started: boolean }> {
  const running = await ask(folder, false);
  if (running !== null) return { pid: running.pid, started: false };
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, main, 'raysync-proxy', 'serve', folder.path], {
    detached: true,
    stdio: 'ignore',
  });
  let isOver = false;
  child.once('exit', () => {
    isOver = true;
  });
  child.once('error', () => {
    isOver = true;
  });
  child.unref();
  const until = clock.now() + START_MS;
  while (clock.now() < until) {
    // Another process may have been quicker: then ours is over, and the other one answers.
    const ended = isOver;
    const about = await ask(folder, false);
    if (about !== null) return { pid: about.pid, started: about.pid === child.pid };
    if (ended) break;
    await sleep(clock, LOOK_EVERY_MS);
  }
  throw cliErrors.CLI_SERVICE_DIED(
    `the transfer service does not come up at port ${folder.port}; see ${folder.log}`,
  );
}

/** Ends the service where it is idle, and waits for that; does nothing where none of ours runs. */
export async function stopIdle(folder: ServiceFolder, clock: Clock): Promise<{ stopped: boolean }> {
  const about = await ask(folder, true).catch(() => null);
  if (about === null || !about.ending) return { stopped: false };
  const until = clock.now() + END_MS;
  while (clock.now() < until && (await ask(folder, false).catch(() => null)) !== null)
    await sleep(clock, LOOK_EVERY_MS);
  return { stopped: true };
}

/** null where nobody listens; CLI_PORT_IN_USE where somebody else does. */
async function ask({ port, path }: ServiceFolder, end: boolean): Promise<About | null> {
  let body: unknown;
  try {
    const response = await fetch(`http://127.0.0.1:${port}${RAYSYNC_SERVICE_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ end }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    body = await response.json();
  } catch (thrown) {
    if (isRefused(thrown)) return null;
    throw foreign(port, path, thrown);
  }
  const { service, pid, ending } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (service !== 'croft' || typeof pid !== 'number') throw foreign(port, path);
  return { pid, ending: ending === true };
}

function isRefused(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? (thrown.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code === 'ECONNREFUSED';
}

function foreign(port: number, path: string, cause?: unknown): Error {
  return cliErrors.CLI_PORT_IN_USE(
    `another program, or this service of another user, has port ${port} of this machine`,
    { hint: `Write another port into ${path}/cluster.xml.`, ...(cause === undefined ? {} : { cause }) },
  );
}
