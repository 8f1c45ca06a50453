/**
 * Uploads of one run: batches, so that memory, what is lost by a fault, and what a reader of lines waits for stay small.
 * While the farm works on one batch, the next one is gathered.
 */
import { type Clock, CroftError, coerceError, type TreeRoot } from '@croft/contract';
import type { TransferClient, UploadFile } from '@croft/transfer';
import type { Teller } from './lines.ts';
import type { Outgoing } from './lists.ts';
import { type FileFacts, FileLooker, whyUnreadable } from './look-at-files.ts';
import type { UnchangedFiles } from './unchanged-files.ts';

/** Files that are looked at, and whose records are read, together. */
const GATHERED_FILES = 10_000;
/** Files of one commit, where they are new. */
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
  readonly clock: Clock;
}

interface Ready extends UploadFile {
  readonly facts: FileFacts;
  readonly lookedAtMs: number;
}

export interface SendTotals {
  readonly sent: number;
  readonly failed: number;
}

/** Sends all files that can be sent; those that cannot are told in a line each and counted. */
export async function sendAll(parts: SendParts, files: AsyncIterable<Outgoing>): Promise<SendTotals> {
  const run = new SendRun(parts);
  let gathered: Outgoing[] = [];
  for await (const file of files) {
    parts.signal.throwIfAborted();
    gathered.push(file);
    if (gathered.length < GATHERED_FILES) continue;
    await run.take(gathered);
    gathered = [];
  }
  await run.take(gathered);
  return run.end();
}

class SendRun {
  readonly #parts: SendParts;
  readonly #looker: FileLooker;
  /** Sending the files taken last. */
  #underWay: Promise<void> = Promise.resolve();
  #sent = 0;
  #failed = 0;

  constructor(parts: SendParts) {
    this.#parts = parts;
    this.#looker = new FileLooker(parts.clock);
  }

  /** Looks at the files and begins to send them, when those taken before are at the farm. */
  async take(files: readonly Outgoing[]): Promise<void> {
    const ready = await this.#lookAt(files);
    await this.#underWay;
    this.#underWay = this.#send(ready);
    // Who takes more files, or ends, is told.
    this.#underWay.catch(() => {});
  }

  async end(): Promise<SendTotals> {
    await this.#underWay;
    return { sent: this.#sent, failed: this.#failed };
  }

  /** Those that can be sent. Of several for one path the last counts, as in a tree. */
  async #lookAt(files: readonly Outgoing[]): Promise<Ready[]> {
    const named = files.filter((file): file is Extract<Outgoing, { remote: string }> => !('failure' in file));
    const lookedAtMs = this.#parts.clock.now();
    const facts = await this.#looker.look(named.map(({ local }) => local));
    const byPath = new Map<string, Ready>();
    let looked = 0;
    // In the order of the files, so that faults are told as the list has them.
    for (const file of files) {
      if ('failure' in file) {
        this.#lost(file.local, file.failure);
        continue;
      }
      const seen = facts[looked++]!;
      if (seen instanceof Error) this.#lost(file.local, seen.message);
      else byPath.set(file.remote, { localPath: file.local, treePath: file.remote, facts: seen, lookedAtMs });
    }
    return this.#readable(await this.#recalled([...byPath.values()]));
  }

  async #recalled(files: readonly Ready[]): Promise<Ready[]> {
    const looks = files.map(({ localPath, facts }) => ({ path: localPath, facts }));
    const known = await this.#parts.unchanged.find(looks);
    return files.map((file, index) => {
      const record = known[index];
      return record === undefined ? file : { ...file, remembered: { ...record, isLookedAt: true } };
    });
  }

  /** What is remembered need not be read, so nobody asks whether it could be. */
  async #readable(files: readonly Ready[]): Promise<Ready[]> {
    const toRead = files.filter(({ remembered }) => remembered === undefined);
    const faults = await whyUnreadable(toRead.map(({ localPath }) => localPath));
    const lost = new Set<Ready>();
    for (const [index, fault] of faults.entries()) {
      if (fault === undefined) continue;
      lost.add(toRead[index]!);
      this.#lost(toRead[index]!.localPath, fault.message);
    }
    return files.filter((file) => !lost.has(file));
  }

  #lost(path: string, why: string): void {
    this.#failed += 1;
    this.#parts.lines.infoFailed(path, why);
    this.#parts.lines.failed('upload', path, why);
  }

  async #send(files: readonly Ready[]): Promise<void> {
    const known = files.filter(({ remembered }) => remembered !== undefined);
    await this.#sendBatch(known);
    const others = files.filter(({ remembered }) => remembered === undefined);
    for (let at = 0; at < others.length; at += BATCH_FILES) {
      this.#parts.signal.throwIfAborted();
      await this.#sendBatch(others.slice(at, at + BATCH_FILES));
    }
  }

  /** A batch with a faulty file is halved until that file is alone. */
  async #sendBatch(batch: readonly Ready[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      await sendOnce(this.#parts, batch);
      this.#sent += batch.length;
    } catch (thrown) {
      const error = coerceError(thrown);
      if (!(error instanceof CroftError) || !FILE_FAULTS.has(error.code)) throw error;
      if (batch.length === 1) {
        this.#failed += 1;
        this.#parts.lines.failed('upload', batch[0]!.localPath, error.message);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#sendBatch(batch.slice(0, middle));
      await this.#sendBatch(batch.slice(middle));
    }
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
  const same: string[] = [];
  const sent: Parameters<UnchangedFiles['remember']>[0][number][] = [];
  for (const [index, { localPath, remembered, facts }] of batch.entries()) {
    const entry = entries[index]!;
    if (remembered?.id === entry.id && !wanted.has(entry.id)) {
      lines.unchanged('upload', localPath);
      same.push(localPath);
    } else {
      lines.done('upload', localPath, entry.size);
      sent.push({ path: localPath, facts, sent: entry });
    }
  }
  await unchanged.stillThere(same);
  // All of a batch were looked at together.
  await unchanged.remember(sent, batch[0]!.lookedAtMs);
}
