/** The composition of a farm: blobs, farm, server. The only place of the command line that knows concrete parts. */
import { type Log, SECOND } from '@croft/contract';
import { loadApps } from '@croft/dcc';
import {
  type Farm,
  type FarmCalls,
  type FarmOutlet,
  type FarmReads,
  openFarmInProcess,
  type SmallBlobs,
  openFarm as startFarmThread,
} from '@croft/farm';
import type { Server } from '@croft/server';
import { CollectableStore, type SyncPolicy } from '@croft/transfer';
import { webRoot } from '@croft/web';
import type { CommandContext } from '../context.ts';
import { openFileLog } from '../file-log.ts';
import { namingTheFarm } from './busy-home.ts';
import { homeFolders } from './home-folders.ts';
import { openStore } from './open-store.ts';
import { smallBlobs } from './small-blobs.ts';

export interface OpenFarm {
  readonly url: string;
  readonly tls: Server['tls'];
  readonly calls: FarmCalls;
  readonly reads: FarmReads;
  readonly log: Log;
  /** Rejects when the farm's thread dies: a server that cannot answer must end, so that whoever runs it starts it anew. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

export interface OpenFarmOptions {
  readonly home: string;
  readonly host: string | undefined;
  readonly port: number;
  /** TLS beside plain HTTP; without files the farm makes a certificate of its own. null: none. */
  readonly tls: {
    readonly port: number;
    readonly files?: { certificatePath: string; keyPath: string };
  } | null;
  readonly publicHosts: readonly string[];
  /** Address of the bucket that keeps the farm's bytes; null: as the home says, a new one keeps them itself. */
  readonly blobs?: string | null | undefined;
  /** Whether the home's own store waits for the disk; undefined: as the settings say. */
  readonly sync?: SyncPolicy | undefined;
  /** Zone of times without one; undefined: the machine's. */
  readonly timeZone?: string | undefined;
  /** What one key may call for long; 0: any number, undefined: the server's default. */
  readonly callsPerSecond?: number | undefined;
  /** How long a node that is away keeps its frames; undefined: the farm's default. */
  readonly nodeGraceSeconds?: number | undefined;
}

/** Opens everything in order; what was opened is closed again when a later part fails. */
export async function openFarm(context: CommandContext, options: OpenFarmOptions): Promise<OpenFarm> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => {});
    const parts = await openParts(context, options, closers, (wish) =>
      startFarmThread({ ...wish, onFailure: failed.reject }),
    );
    const blobs = await parts.store();
    const { clock } = context;
    const { startCollection, startServer } = await import('@croft/server');
    const server = await startServer({
      farm: parts.farm,
      blobs,
      outlet: await parts.outlet,
      ...(options.host === undefined ? {} : { host: options.host }),
      port: options.port,
      ...(options.tls === null ? {} : { tls: options.tls }),
      publicHosts: [...options.publicHosts],
      ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
      ...(options.callsPerSecond === undefined ? {} : { callsPerSecond: options.callsPerSecond }),
      log: parts.log,
      clock,
      home: options.home,
      webRoot,
    });
    closers.push(() => server.close());
    const collection = startCollection({
      calls: parts.farm.calls,
      blobs,
      clock,
      log: parts.log,
    });
    closers.push(() => collection.stop());
    return {
      url: server.url,
      tls: server.tls,
      calls: parts.farm.calls,
      reads: parts.farm.reads,
      log: parts.log,
      failed: failed.promise,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The calls of a farm that does not run, on its home. Throws FARM_STORE_BUSY when it does run. */
export function withFarmCalls<T>(context: CommandContext, use: (calls: FarmCalls) => Promise<T>): Promise<T> {
  return withFarmParts(context, ({ farm }) => use(farm.calls));
}

/** The same with all of the farm, and its store for who asks. */
export async function withFarmParts<T>(
  context: CommandContext,
  use: (parts: Pick<FarmParts, 'farm' | 'store' | 'log'>) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const where = { home: context.config.home };
    return await use(await openParts(context, where, closers, openFarmInProcess));
  } finally {
    for (const closer of closers.reverse()) await closer();
  }
}

type FarmParts = Awaited<ReturnType<typeof openParts>>;

async function openParts(
  context: CommandContext,
  {
    home,
    blobs: wanted,
    sync,
    nodeGraceSeconds,
  }: Pick<OpenFarmOptions, 'home' | 'blobs' | 'sync' | 'nodeGraceSeconds'>,
  closers: (() => Promise<void>)[],
  openFarmOn: (options: Parameters<typeof openFarmInProcess>[0]) => Promise<Farm>,
) {
  const { clock, config, printer } = context;
  const folders = homeFolders(home);
  const onWarning = (line: string) => printer.warn(line);
  const log = openFileLog({ file: folders.log, level: config.logLevel, clock, onWarning });
  closers.push(() => log.close());
  // The server's code loads while the farm thread starts: half of the start-up time on two cores.
  const outlet = import('@croft/server').then(({ createOutlet }) => createOutlet());
  // The farm's lock comes first: it says best that another farm has the home. The store is opened when it is first asked for:
  // commands that only ask the database need no S3 server.
  let opening: Promise<CollectableStore> | null = null;
  const store = () => {
    opening ??= openStore(context, home, log, { address: wanted ?? null, sync: sync ?? config.sync }).then(
      (opened) => {
        closers.push(() => opened.close());
        return new CollectableStore(opened, clock);
      },
    );
    return opening;
  };
  const blobs: SmallBlobs = smallBlobs(store);
  const nodeGraceMs = nodeGraceSeconds === undefined ? undefined : nodeGraceSeconds * SECOND;
  const wish = { home, blobs, apps: loadApps, clock, log, outlet: laterOutlet(outlet), nodeGraceMs };
  const farm = await openFarmOn(wish).catch((thrown: unknown) => {
    throw namingTheFarm(thrown, home);
  });
  closers.push(() => farm.close());
  return { farm, store, outlet, log };
}

/** Passes on in order what comes before the real outlet is there. */
function laterOutlet(outlet: Promise<FarmOutlet>): FarmOutlet {
  return {
    event: (event, accountId) => void outlet.then((real) => real.event(event, accountId)),
    toNode: (nodeId, message) => void outlet.then((real) => real.toNode(nodeId, message)),
  };
}
