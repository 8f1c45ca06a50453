/**
 * `croft up` and `croft server`: a farm in this process until it is told to stop. What is opened is closed in reverse
 * order, whatever happens: node, server, farm, blobs, log.
 */
import { SECOND } from '@croft/contract';
import { sleep } from '@croft/sdk';
import { writeClientFile } from '../client-file.ts';
import { CLIENT_FILE, readClientFile } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { homeFolders } from './home-folders.ts';
import { type NodeChild, superviseNode } from './node-child.ts';
import { type OpenFarm, type OpenFarmOptions, openFarm } from './open-farm.ts';

export interface RunFarmOptions extends OpenFarmOptions {
  /** null for a server without a node of its own. */
  readonly node: { readonly name: string | undefined; readonly slots: number | undefined } | null;
}

export interface RunningFarm {
  readonly failed: OpenFarm['failed'];
  readonly url: string;
  readonly tls: OpenFarm['tls'];
  readonly home: string;
  readonly accessId: string;
  readonly accessKey: string;
  readonly accountId: number;
  /** Signs one browser in, once. */
  signInUrl(): Promise<string>;
}

/** How long frames under way may go on after the first signal. */
const DRAIN_MS = 30 * SECOND;
const NODE_ONLINE_MS = 60 * SECOND;
const LOOK_MS = 0.05 * SECOND;

/** Starts everything and resolves once the farm answers and its node is online; the context's end closes it. */
export async function startFarmHere(context: CommandContext, options: RunFarmOptions): Promise<RunningFarm> {
  const farm = await openFarm(context, options);
  context.atEnd(() => farm.close());
  const { accountId } = await farm.calls.firstAccount();
  const key = await keyOf(farm, options.home, accountId);
  await writeClientFile(options.home, { url: farm.url, ...key, accountId });
  if (options.node !== null) {
    const { environment } = context.config;
    const child = superviseNode({
      home: homeFolders(options.home).node,
      server: farm.url,
      ...options.node,
      code: async () => (await farm.calls.createNodeCode(accountId)).code,
      environment,
      clock: context.clock,
      log: farm.log,
    });
    context.atEnd(() => child.stop(DRAIN_MS));
    await nodeOnline(context, farm, child);
  }
  return {
    failed: farm.failed,
    url: farm.url,
    tls: farm.tls,
    home: options.home,
    ...key,
    accountId,
    signInUrl: async () => `${farm.url}/#code=${await farm.calls.createSignInCode(accountId)}`,
  };
}

/** The key that the home's client.json holds, while the farm still knows it; else a new one. */
async function keyOf(farm: OpenFarm, home: string, accountId: number) {
  const known = readClientFile(home, []);
  if (known !== null) {
    const stored = await farm.calls.keySecret(known.accessId);
    const works = stored?.secret === known.accessKey && !stored.isLocked;
    if (works) return { accessId: known.accessId, accessKey: known.accessKey };
  }
  const { accessId, accessKey } = await farm.calls.createKey(accountId, CLIENT_FILE);
  return { accessId, accessKey };
}

async function nodeOnline(context: CommandContext, farm: OpenFarm, child: NodeChild): Promise<void> {
  const { clock, signal } = context;
  const until = clock.now() + NODE_ONLINE_MS;
  await child.started;
  while (!(await farm.reads.nodes()).some((node) => node.state === 'online')) {
    if (clock.now() > until) {
      throw cliErrors.CLI_NODE_DIED(`the node did not come online within ${NODE_ONLINE_MS / SECOND} s`, {
        hint: `Its log is node.log in ${homeFolders(context.config.home).node}.`,
      });
    }
    await sleep(clock, LOOK_MS, signal);
  }
}

/** Runs the farm until the first signal. */
export async function runFarm(context: CommandContext, options: RunFarmOptions): Promise<undefined> {
  const running = await startFarmHere(context, options);
  const { url, tls, home, accessId, accountId } = running;
  const secure = tls && { tlsUrl: tls.url, ...tls.certificate };
  const signInUrl = await running.signInUrl();
  context.printer.result({ url, ...secure, home, accessId, accountId, signInUrl }, () =>
    [
      `the farm runs at ${url}`,
      ...(tls
        ? [`and with TLS at ${tls.url}; clients trust ${tls.certificate.certificatePath} (--ca FILE)`]
        : []),
      `sign in once with ${signInUrl}`,
      `settings and log in ${home}`,
      `render with "croft render SCENE"; Ctrl-C ends the farm`,
    ].join('\n'),
  );
  const { whenAborted } = await import('./when-aborted.ts');
  await Promise.race([whenAborted(context.signal), running.failed]);
  context.printer.note('ending: frames under way may finish; a second Ctrl-C ends at once');
  return undefined;
}
