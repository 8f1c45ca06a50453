/** Starts a node: the only place where its parts meet. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Clock, coerceError, HOUR, type Log, SECOND } from '@croft/contract';
import type { App } from '@croft/dcc';
import { dropOldLogs } from './attempt/attempt-log.ts';
import { processEnvironment } from './config.ts';
import { emptyPassingFolders, makeHome } from './home/home-layout.ts';
import { lockHome } from './home/home-lock.ts';
import { identityOf } from './home/identity.ts';
import { freeBytes, InputCache } from './inputs/input-cache.ts';
import { WorkFolders } from './inputs/work-folders.ts';
import { Link } from './link/link.ts';
import { Outbox } from './link/outbox.ts';
import { installedApps } from './machine/installed-apps.ts';
import { cpuFacts, gpuFacts, memoryBytes, operatingSystem, programOnPath } from './machine/machine-facts.ts';
import { PictureChecker } from './pictures/picture-checker.ts';
import type { NodeTransfer } from './ports.ts';
import { endLeftovers } from './process/leftovers.ts';
import { RenderNode } from './render-node.ts';
import { engineTransfer } from './transfer-adapter.ts';

export interface NodeOptions {
  /** Folder for everything the node keeps; one node a home. */
  readonly home: string;
  /** Base address of the farm; may be left out once the home knows it. */
  readonly server?: string;
  /** Enrolment code; needed once. */
  readonly code?: string;
  /** How the farm shows the node; default the machine's name. */
  readonly name?: string;
  /** Attempts at once, default 1. */
  readonly slots?: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly apps: readonly App[];
  /** Environment in which apps and tools are looked for, default the process's. Nothing of it reaches an app. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** File that keeps what was found installed, for all nodes of this user; default one in the home. */
  readonly appsFile?: string;
  /** Moves bytes between this machine and the farm at `server`; default the transfer engine. */
  transfer?(server: string): NodeTransfer;
  /** Memory that all apps together may take, bytes; default nine tenths of the machine's. */
  readonly memoryLimitBytes?: number;
}

export interface RunningNode {
  readonly nodeId: string;
  /** Finishes running frames, tells the farm everything, then stops. Waits a bounded time for a farm that is away. */
  drain(): Promise<void>;
  /** Ends apps and stops now; what is not told yet stays in the outbox for the next start. */
  stop(): Promise<void>;
  /** Settles when the node has stopped, whoever asked for it: a caller, the farm (drain), or the end of the parent. */
  readonly stopped: Promise<void>;
}

const TELL_ALL_TIMEOUT_MS = 60 * SECOND;
const TELL_LAST_TIMEOUT_MS = 2 * SECOND;
const DISK_WATCH_MS = 15 * SECOND;
const LOG_SWEEP_MS = HOUR;
const KEEP_ALIVE_MS = 0x7fffffff;

/**
 * Enrols where needed, links up and works until it is told to stop.
 * Throws NODE_HOME_IN_USE, NODE_HOME_UNUSABLE, NODE_NOT_ENROLLED, NODE_CODE_REFUSED, NODE_FARM_UNREACHABLE.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { clock, log, slots = 1, env = processEnvironment() } = options;
  const home = await makeHome(options.home);
  const unlock = lockHome(home);
  const closers: (() => void)[] = [unlock];
  try {
    endLeftovers(home, log);
    await emptyPassingFolders(home);
    await dropOldLogs(home.logs);
    const identity = await identityOf(home, {
      server: options.server,
      code: options.code,
      name: options.name,
      defaultName: hostname(),
    });
    const outbox = new Outbox(home.outbox);
    closers.push(() => outbox.close());
    outbox.endOrphans(clock.now());
    const [installed, gpus, oiiotool] = await Promise.all([
      installedApps({ apps: options.apps, home, file: options.appsFile ?? home.apps, env, clock, log }),
      gpuFacts(),
      programOnPath('oiiotool', env),
    ]);
    const transfer = options.transfer?.(identity.server) ?? engineTransfer(identity.server, clock, log);
    const pictures = new PictureChecker(clock, oiiotool);
    closers.push(() => pictures.close());
    const cache = new InputCache(home.blobs, clock);
    const folders = new WorkFolders({ root: home.work, cache, clock, log });
    await folders.adopt();
    let diskFreeBytes = Math.floor(await freeBytes(home.root));
    closers.push(every(clock, LOG_SWEEP_MS, () => void dropOldLogs(home.logs).catch(() => {})));
    closers.push(
      every(clock, DISK_WATCH_MS, () => {
        freeBytes(home.root).then(
          (bytes) => {
            diskFreeBytes = Math.floor(bytes);
          },
          () => {},
        );
      }),
    );
    const node = new RenderNode({
      home,
      installed,
      attempts: { folders, pictures, transfer },
      memoryLimitBytes: options.memoryLimitBytes ?? Math.floor(memoryBytes() * 0.9),
      clock,
      log,
      outbox,
      diskFreeBytes: () => diskFreeBytes,
      facts: {
        name: identity.name.slice(0, 200),
        os: operatingSystem(),
        ...cpuFacts(),
        version: nodeVersion(),
        memoryBytes: memoryBytes(),
        gpus,
        diskFreeBytes,
        slots,
        apps: installed.map(({ app, installation: { version, abilities } }) => ({
          app: app.id,
          version,
          abilities: [...abilities],
        })),
      },
    });
    const link = new Link({
      identity,
      outbox,
      clock,
      log,
      owner: {
        hello: () => node.hello(),
        pulse: () => node.pulse(),
        linked: () => node.linked(),
        heard: (message) => (message.type === 'drain' ? void running.drain() : node.heard(message)),
      },
    });
    node.speakThrough(link);
    const running = runningNode({ nodeId: identity.nodeId, node, link, closers, clock, log });
    pictures.warm();
    link.start();
    return running;
  } catch (thrown) {
    closeAll(closers);
    throw thrown;
  }
}

function runningNode(parts: {
  nodeId: string;
  node: RenderNode;
  link: Link;
  closers: (() => void)[];
  clock: Clock;
  log: Log;
}): RunningNode {
  const { nodeId, node, link, closers, clock, log } = parts;
  const stopped = Promise.withResolvers<void>();
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    link.close();
    closeAll(closers);
    stopped.resolve();
  };
  let draining: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  const drain = () => {
    draining ??= (async () => {
      log.info({ node: nodeId, to: 'draining' }, 'the node drains');
      await node.drain();
      if (stopping === null) await within(clock, TELL_ALL_TIMEOUT_MS, link.emptied());
      close();
    })();
    return draining;
  };
  const stop = () => {
    stopping ??= (async () => {
      await node.stop();
      if (link.isLinked) await within(clock, TELL_LAST_TIMEOUT_MS, link.emptied());
      close();
    })();
    return stopping;
  };
  // Timers do not keep the process alive, and between two links there is no socket: this does.
  const alive = setInterval(() => {}, KEEP_ALIVE_MS);
  closers.push(() => clearInterval(alive));
  if (process.connected) {
    const orphaned = () => void stop();
    process.once('disconnect', orphaned);
    closers.push(() => process.off('disconnect', orphaned));
  }
  return { nodeId, drain, stop, stopped: stopped.promise };
}

/** Runs all closers, last opened first; the first error is thrown after the last has run. */
function closeAll(closers: (() => void)[]): void {
  const errors: Error[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      close();
    } catch (thrown) {
      errors.push(coerceError(thrown));
    }
  }
  if (errors[0] !== undefined) throw errors[0];
}

function every(clock: Clock, intervalMs: number, action: () => void): () => void {
  let cancel = () => {};
  const wait = () => {
    cancel = clock.after(intervalMs, () => {
      action();
      wait();
    });
  };
  wait();
  return () => cancel();
}

function within(clock: Clock, limitMs: number, done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    void done.then(() => {
      cancel();
      resolve();
    });
  });
}

function nodeVersion(): string {
  return String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
}
