/** Bringing paths of a storage home, one after the other: by Croft's own engine in this process, or by a program. */
import { mkdir } from 'node:fs/promises';
import { CroftError, coerceError } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import type { FarmConnection } from '../connection.ts';
import type { ExistingChoice } from '../download-results.ts';
import { signerOf } from '../transfer-mover.ts';
import { farmUrl, readFarmHost } from '../transmitter/farm-host.ts';
import { downloadPlace } from '../transmitter/keep-path.ts';
import { Lines } from '../transmitter/lines.ts';
import { receivePath } from '../transmitter/receive.ts';
import { CLIENT_CODES, DownloadFailed, RayvisionError } from './exceptions.ts';
import { getShareInfo } from './transfer.ts';
import { type EngineChoices, slotsOf, type TransferRuns } from './transfer-runs.ts';
import { engineTypeOf, speedOf, speedText } from './transmitter-command.ts';

/** What is fetched: a path of a storage, and whose that is. */
export interface Target {
  readonly root: 'input' | 'output';
  readonly path: string;
  /** Null: the caller's own, or the one that it shares. */
  readonly ownerId: number | null;
  /** Id of the storage; null for the caller's own. */
  readonly bid: string | null;
  /** How many frames the task has, where that is known. */
  readonly frames: number | null;
}

export interface FetchHow extends EngineChoices {
  readonly maxSpeed: number | string | undefined;
  readonly printLog: boolean;
  readonly keepsPath: boolean;
  readonly existing: ExistingChoice;
  readonly enableHash: boolean;
  readonly downloadNum: number | undefined;
}

/** The first path that fails is thrown as DownloadFailed; those after it are not tried. */
export async function fetchTargets(
  runs: TransferRuns,
  targets: readonly Target[],
  folder: string,
  how: FetchHow,
): Promise<void> {
  const engine = runs.checked(how);
  const slots = slotsOf(how.downloadNum, 'downloadNum');
  speedOf(how.maxSpeed);
  await mkdir(folder, { recursive: true });
  if (runs.programFor(engine) === null)
    return runs.inSlot(engine, slots, () => fetchHere(runs, targets, folder, how));
  if (how.existing !== 'overwrite')
    throw new RayvisionError(
      CLIENT_CODES.parameterInvalid,
      'a program always overwrites; leave out transmitterExe for existing',
    );
  for (const target of targets) await fetchByProgram(runs, target, folder, how);
}

async function fetchHere(
  runs: TransferRuns,
  targets: readonly Target[],
  folder: string,
  how: FetchHow,
): Promise<void> {
  const { clock, log, signal } = runs;
  const connection = await connectionOf(runs, how);
  const print = (line: string) => (how.printLog ? log.info({}, line) : log.debug({}, line));
  const client = new TransferClient({
    baseUrl: connection.url,
    authorise: signerOf(connection, clock),
    clock,
    log,
  });
  const common = {
    client,
    signal,
    limitKbps: speedOf(how.maxSpeed),
    existing: how.existing,
    isVerifying: how.enableHash,
  };
  try {
    for (const { root, path, ownerId, frames } of targets) {
      const order = { ...common, root, lines: new Lines(print, clock), ownerId, frames };
      await receivePath(order, path, folder, (entry, prefix) =>
        downloadPlace(entry, prefix, how.keepsPath),
      ).catch((thrown: unknown) => {
        signal.throwIfAborted();
        const cause = coerceError(thrown);
        if (!(cause instanceof CroftError)) throw cause;
        throw new DownloadFailed(`${path} could not be fetched: ${cause.message}`, { cause, taskIds: [] });
      });
    }
  } finally {
    await client.close();
  }
}

/** The farm that `domain` names, or the line that was chosen. */
async function connectionOf(runs: TransferRuns, how: FetchHow): Promise<FarmConnection> {
  const { trans } = runs;
  const { connection } = trans.api.connect;
  if (!(how.serverIp || how.serverPort || trans.isElsewhere)) return connection;
  await trans.ready();
  const line = () => trans.lineOf(engineTypeOf(how.engineType));
  const host = how.serverIp || line().serverIp;
  const port = how.serverPort || line().serverPort;
  const farm = readFarmHost(host);
  if (farm === null)
    throw new RayvisionError(CLIENT_CODES.parameterInvalid, `${JSON.stringify(host)} is no host`);
  const scheme = new URL(connection.url).protocol === 'https:' ? 'https' : 'http';
  return { ...connection, url: farmUrl(scheme, farm, port) };
}

async function fetchByProgram(
  runs: TransferRuns,
  target: Target,
  folder: string,
  how: FetchHow,
): Promise<void> {
  await runs.trans.ready();
  const whose =
    target.root === 'input'
      ? await getShareInfo(runs.trans.api, runs.trans)
      : { bid: target.bid, mainUserId: target.ownerId };
  const keepsPath = how.keepsPath ? 'true' : 'false';
  const { code, lastLine } = await runs.run(
    ['download_path', folder, target.path, speedText(how.maxSpeed), keepsPath, 'output_bid'],
    { ...how, ...whose },
    { isPrinted: how.printLog, slots: slotsOf(how.downloadNum, 'downloadNum') },
  );
  if (code === 0) return;
  throw new DownloadFailed(
    `${target.path} could not be fetched: the program ended with ${code}: ${lastLine}`,
    { taskIds: [] },
  );
}
