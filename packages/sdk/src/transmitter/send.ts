/** Uploads of one run: batches, so that memory, what is lost by a fault, and what a reader of lines waits for stay small. */
import { CroftError, coerceError, type TreeRoot } from '@croft/contract';
import type { TransferClient, UploadFile } from '@croft/transfer';
import type { Teller } from './lines.ts';
import { factsOf, type Outgoing } from './lists.ts';
import type { FileFacts, UnchangedFiles } from './unchanged-files.ts';

/** Files of one commit. */
const BATCH_FILES = 2000;
/** What the fault of one file looks like; everything else ends the run. */
const FILE_FAULTS = new Set(['TRANSFER_FILE_UNREADABLE', 'TRANSFER_FILE_CHANGED']);

export interface SendParts {
  readonly client: TransferClient;
  readonly root: TreeRoot;
  readonly lines: Teller;
  readonly unchanged: UnchangedFiles;
  readonly signal: AbortSignal;
  readonly limitKbps: number | null;
}

interface Ready extends UploadFile {
  readonly facts: FileFacts;
}
type Seen = Omit<Ready, 'remembered'>;

export interface SendTotals {
  readonly sent: number;
  readonly failed: number;
}

/** Sends all files that can be sent; those that cannot are told in a line each and counted. */
export async function sendAll(parts: SendParts, files: AsyncIterable<Outgoing>): Promise<SendTotals> {
  let sent = 0;
  let failed = 0;
  let batch = new Map<string, Seen>();
  const flush = async () => {
    const lost = await sendBatch(parts, await recalled(parts, [...batch.values()]));
    sent += batch.size - lost;
    failed += lost;
    batch = new Map();
  };
  for await (const file of files) {
    parts.signal.throwIfAborted();
    const ready = await lookAt(parts, file);
    if (ready === null) {
      failed += 1;
      continue;
    }
    // Of several files for one path the last counts, as in a tree.
    batch.set(ready.treePath, ready);
    if (batch.size >= BATCH_FILES) await flush();
  }
  if (batch.size > 0) await flush();
  return { sent, failed };
}

async function recalled({ unchanged }: SendParts, files: readonly Seen[]): Promise<Ready[]> {
  const known = await unchanged.find(files.map(({ localPath, facts }) => ({ path: localPath, facts })));
  return files.map((file, index) => ({ ...file, remembered: known[index] }));
}

async function lookAt({ lines }: SendParts, file: Outgoing): Promise<Seen | null> {
  const facts = 'failure' in file ? new Error(file.failure) : await factsOf(file.local);
  if (facts instanceof Error || 'failure' in file) {
    const why = facts instanceof Error ? facts.message : '';
    lines.infoFailed(file.local, why);
    lines.failed('upload', file.local, why);
    return null;
  }
  return {
    localPath: file.local,
    treePath: file.remote,
    facts,
  };
}

/** Gives the number of files that could not be sent. A batch with a faulty file is halved until that file is alone. */
async function sendBatch(parts: SendParts, batch: readonly Ready[]): Promise<number> {
  try {
    await sendOnce(parts, batch);
    return 0;
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!(error instanceof CroftError) || !FILE_FAULTS.has(error.code)) throw error;
    if (batch.length === 1) {
      parts.lines.failed('upload', batch[0]!.localPath, error.message);
      return 1;
    }
    const middle = Math.ceil(batch.length / 2);
    const lost = await sendBatch(parts, batch.slice(0, middle));
    return lost + (await sendBatch(parts, batch.slice(middle)));
  }
}

async function sendOnce(parts: SendParts, batch: readonly Ready[]): Promise<void> {
  const { client, root, lines, unchanged, signal, limitKbps } = parts;
  let wanted: ReadonlySet<string> = new Set();
  const { entries } = await client.upload({
    root,
    files: batch,
    signal,
    limitKbps: limitKbps ?? undefined,
    onWanted: (ids) => {
      wanted = ids;
    },
    onProgress: (progress) => lines.progress(progress),
  });
  for (const [index, { localPath, remembered }] of batch.entries()) {
    const { id, size } = entries[index]!;
    if (remembered?.id === id && !wanted.has(id)) lines.unchanged('upload', localPath);
    else lines.done('upload', localPath, size);
  }
  await unchanged.remember(
    batch.map(({ localPath, facts }, index) => ({ path: localPath, facts, sent: entries[index]! })),
  );
}
