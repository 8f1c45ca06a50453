/** The whole program below its composition root: from the command line to an exit code. It never throws. */
import { type Clock, CroftError, coerceError, type Log, silentLog } from '@croft/contract';
import { TransferClient } from '@croft/transfer/client';
import { parseArguments, type TransmitOrder } from './arguments.ts';
import { readDbIni } from './db-ini.ts';
import { exitOf, TRANSMIT_EXIT, type TransmitExit } from './exits.ts';
import { type AccessKey, findStorage, isUnknownHost } from './find-storage.ts';
import { helpText } from './help.ts';
import { downloadPlace } from './keep-path.ts';
import { Lines } from './lines.ts';
import { filesOf, jsonPairs, type Outgoing, pathLines } from './lists.ts';
import { receivePath } from './receive.ts';
import { sendAll } from './send.ts';
import { UnchangedFiles } from './unchanged-files.ts';

export interface TransmitterParts {
  readonly version: string;
  /** Gets each line without its end. */
  readonly print: (line: string) => void;
  readonly clock: Clock;
  /** Aborted by a signal to the process; then the run ends with "again". */
  readonly signal: AbortSignal;
  readonly key: AccessKey | null;
  readonly scheme: 'http' | 'https' | null;
  /** How long no byte may move before a connection counts as dead; default 15 s. */
  readonly zeroSpeedMs?: number | undefined;
  readonly log?: Log;
}

/** Runs one command line of the transmitter. */
export async function transmit(argv: readonly string[], parts: TransmitterParts): Promise<TransmitExit> {
  const lines = new Lines(parts.print, parts.clock);
  try {
    const parsed = parseArguments(argv);
    if (parsed.kind === 'help') parts.print(helpText());
    else if (parsed.kind === 'version') lines.say(`current version: ${parts.version}`);
    else return await runOrder(parsed.order, parts, lines);
    return TRANSMIT_EXIT.done;
  } catch (thrown) {
    const error = coerceError(thrown);
    const hint = error instanceof CroftError && error.hint ? ` ${error.hint}` : '';
    const exit = isUnknownHost(error) ? TRANSMIT_EXIT.usage : exitOf(error);
    lines.interrupted();
    if (exit === TRANSMIT_EXIT.again) lines.say('recoverable error, retry');
    // The last line is what an SDK tells its user.
    lines.say(`error: ${error.message}.${hint}`);
    return exit;
  }
}

async function runOrder(order: TransmitOrder, parts: TransmitterParts, lines: Lines): Promise<TransmitExit> {
  const { clock, signal, zeroSpeedMs, log } = parts;
  const storage = await findStorage(order, { ...parts, say: (text) => lines.say(text) });
  const client = new TransferClient({ ...storage, clock, zeroSpeedMs, log: log ?? silentLog });
  const common = { client, root: storage.root, lines, signal, limitKbps: order.limitKbps, clock };
  try {
    if (order.type === 'download_path' || order.type === 'download_list')
      return await download(order, common, lines);
    const settings = await readDbIni(order.dbIni, (why) => lines.say(`warning: ${why}`));
    const unchanged = new UnchangedFiles(settings, clock, (why) => lines.say(`warning: ${why}`));
    let endedWell = false;
    try {
      const { sent, failed } = await sendAll({ ...common, unchanged }, outgoingOf(order));
      endedWell = failed === 0;
      lines.say(
        endedWell
          ? `all files success: ${sent}`
          : `at least one file failed: ${failed} failed, ${sent} success`,
      );
      return endedWell ? TRANSMIT_EXIT.done : TRANSMIT_EXIT.someFailed;
    } finally {
      await unchanged.close(endedWell);
    }
  } finally {
    await client.close();
  }
}

async function* outgoingOf(order: TransmitOrder): AsyncGenerator<readonly Outgoing[]> {
  const { type, local, remote, keepPath, range } = order;
  if (type === 'upload_json') yield* jsonPairs(local);
  else if (type === 'upload_path') yield* filesOf(local, remote, keepPath ? 'path' : 'nothing');
  else for (const line of await pathLines(local, range, 'local')) yield* filesOf(line, remote, 'path');
}

/** A list goes on after a path that is not there, and ends with "again". */
async function download(
  order: TransmitOrder,
  parts: Parameters<typeof receivePath>[0],
  lines: Lines,
): Promise<TransmitExit> {
  const remotes =
    order.type === 'download_path' ? [order.remote] : await pathLines(order.remote, order.range, 'remote');
  let missing = 0;
  for (const remote of remotes) {
    try {
      await receivePath(parts, remote, order.local, (entry, prefix) =>
        downloadPlace(entry, prefix, order.keepPath),
      );
    } catch (thrown) {
      if (!(thrown instanceof CroftError) || thrown.code !== 'TRANSFER_NOT_FOUND') throw thrown;
      missing += 1;
      lines.infoFailed(remote, thrown.message);
    }
  }
  lines.say(missing === 0 ? 'all files success' : `at least one file failed: ${missing} paths are not there`);
  return missing === 0 ? TRANSMIT_EXIT.done : TRANSMIT_EXIT.again;
}
