/** Farms for whole-system tests, started as their own processes on free ports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { croft, eventually, type Outcome, type Running, startCroft, temporaryFolder } from './croft.ts';

export interface TestFarm {
  home: string;
  url: string;
  /** Runs a client command against this farm. */
  run(...args: string[]): Promise<Outcome>;
  /** The same, and the one JSON value it prints. Fails unless it exits with 0. */
  json<T>(...args: string[]): Promise<T>;
}

function clientOf(home: string, url: string): TestFarm {
  const env = { CROFT_HOME: home };
  const run = (...args: string[]) => croft(args, env);
  return {
    home,
    url,
    run,
    async json<T>(...args: string[]) {
      const outcome = await run(...args, '--json');
      if (outcome.code !== 0)
        throw new Error(
          `croft ${args.join(' ')} ended with ${outcome.code}:\n${outcome.stdout}${outcome.stderr}`,
        );
      return JSON.parse(outcome.stdout.trim().split('\n').at(-1)!) as T;
    },
  };
}

/** The access key of the farm's first account, which `croft` writes into the home. */
export function keyOf({ home }: { home: string }): { accessId: string; accessKey: string } {
  return JSON.parse(readFileSync(join(home, 'client.json'), 'utf8'));
}

/** `croft up`: server and node on one home. */
export async function startFarm(
  home = join(temporaryFolder(), 'home'),
  ...options: string[]
): Promise<TestFarm & { process: Running }> {
  const running = await startCroft(['up', '--home', home, '--port', '0', ...options]);
  return { ...clientOf(home, String(running.ready.url)), process: running };
}

/** A farm without a node of its own. */
export type ServerFarm = TestFarm & { process: Running };

/** Only the server; nodes join with `startNode`. A port keeps the address over restarts. */
export async function startServer(
  home = join(temporaryFolder(), 'home'),
  port = 0,
  ...options: string[]
): Promise<ServerFarm> {
  const running = await startCroft(['server', '--home', home, '--port', String(port), ...options]);
  return { ...clientOf(home, String(running.ready.url)), process: running };
}

/** A node as its own process, enrolled with a fresh code; the farm knows what it renders with. */
export async function startNode(
  farm: TestFarm,
  home = join(temporaryFolder(), 'node'),
): Promise<Running & { home: string }> {
  const { code } = await farm.json<{ code: string }>('node-code');
  const running = await startCroft(['node', '--server', farm.url, '--code', code, '--home', home]);
  // It says that it is ready before it is linked.
  await eventually('the node has joined the farm', async () => {
    const { items } = await farm.json<{ items: { id: string; state: string }[] }>('nodes');
    return items.some(({ id, state }) => id === running.ready.nodeId && state === 'online');
  });
  return Object.assign(running, { home });
}
