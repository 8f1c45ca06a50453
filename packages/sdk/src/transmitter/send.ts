/**
 * Uploads of one run: batches, so that memory, what is lost by a fault, and what a reader of lines waits for stay small.
 * While the farm works on one batch, the next one is gathered.
 */
import { type Clock, CroftError, coerceError, type TreeEntry, type TreeRoot } from '@croft/contract';
import type { TransferClient, UploadFile } from '@croft/transfer';
import type { Teller } from './lines.ts';
import type { Outgoing } from './lists.ts';
import { type FileFacts, FileLooker, whyUnreadable } from './look-at-files.ts';
import type { Remembered, SeenFile, UnchangedFiles } from './unchanged-files.ts';

/** Files of one question to the farm. */
const GATHERED_FILES = 10_000;
/** Files that are looked at, and whose records are read, together: what was seen of those that are unchanged is let go. */
const LOOKED_AT_ONCE = 1000;
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

type Named = Extract<Outgoing, { remote: string }>;

/** A file that was not sent before, or looks otherwise now, or whose bytes the farm wants. */
interface Ready extends UploadFile {
  readonly facts: FileFacts;
  readonly lookedAtMs: number;
}

/** A file that looks as it did when it was sent; what the farm should show of it. */
interface Known {
  readonly file: Named;
  readonly entry: TreeEntry;
}

interface Seen {
  readonly facts: FileFacts | Error;
  readonly record?: Remembered | undefined;
}

export interface SendTotals {
  readonly sent: number;
  readonly failed: number;
}

/** Sends all files that can be sent; those that cannot are told in a line each and counted. */
export async function sendAll(
  parts: SendParts,
  groups: AsyncIterable<readonly Outgoing[]>,
): Promise<SendTotals> {
  const run = new SendRun(parts);
  let gathered: Outgoing[] = [];
  for await (const group of groups) {
    parts.signal.throwIfAborted();
    for (const file of group) {
      gathered.push(file);
      if (gathered.length < GATHERED_FILES) continue;
      await run.take(gathered);
      gathered = [];
    }
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
    // Of several for one path the last counts, as in a tree.
    const byPath = new Map<string, Known | Ready>();
    for (let at = 0; at < files.length; at += LOOKED_AT_ONCE)
      await this.#lookAt(files.slice(at, at + LOOKED_AT_ONCE), byPath);
    const known: Known[] = [];
    const others: Ready[] = [];
    for (const file of byPath.values()) {
      if ('entry' in file) known.push(file);
      else others.push(file);
    }
    const readable = await this.#readable(others);
    await this.#underWay;
    this.#underWay = this.#send(known, readable);
    // Who takes more files, or ends, is told.
    this.#underWay.catch(() => {});
  }

  async end(): Promise<SendTotals> {
    await this.#underWay;
    return { sent: this.#sent, failed: this.#failed };
  }

  /** Adds those that can be sent, and tells of the others in the order of the list. */
  async #lookAt(files: readonly Outgoing[], byPath: Map<string, Known | Ready>): Promise<void> {
    const lookedAtMs = this.#parts.clock.now();
    const seen = (await this.#seen(files.filter((file): file is Named => 'remote' in file)))[
      Symbol.iterator
    ]();
    for (const file of files) {
      if ('failure' in file) {
        this.#lost(file.local, file.failure);
        continue;
      }
      const { facts, record }: Seen = seen.next().value!;
      const { local: localPath, remote: treePath } = file;
      if (facts instanceof Error) this.#lost(localPath, facts.message);
      else if (record === undefined) byPath.set(treePath, { localPath, treePath, facts, lookedAtMs });
      else byPath.set(treePath, { file, entry: { path: treePath, ...record } });
    }
  }

  /** How each looks, and what is remembered of it where it looks so still. */
  async #seen(files: readonly Named[]): Promise<Seen[]> {
    const looks = await this.#looker.look(files.map(({ local }) => local));
    const there = files.flatMap(({ local }, index): SeenFile | [] => {
      const facts = looks[index]!;
      return facts instanceof Error ? [] : { path: local, facts };
    });
    const records = (await this.#parts.unchanged.find(there))[Symbol.iterator]();
    return looks.map((facts) =>
      facts instanceof Error ? { facts } : { facts, record: records.next().value as Remembered | undefined },
    );
  }

  async #readable(files: readonly Ready[]): Promise<Ready[]> {
    const faults = await whyUnreadable(files.map(({ localPath }) => localPath));
    return files.filter(({ localPath }, index) => {
      const fault = faults[index];
      if (fault !== undefined) this.#lost(localPath, fault.message);
      return fault === undefined;
    });
  }

  #lost(path: string, why: string): void {
    this.#failed += 1;
    this.#parts.lines.infoFailed(path, why);
    this.#parts.lines.failed('upload', path, why);
  }

  async #send(known: readonly Known[], others: readonly Ready[]): Promise<void> {
    for (const files of [await this.#notShown(known), others])
      for (let at = 0; at < files.length; at += BATCH_FILES) {
        this.#parts.signal.throwIfAborted();
        await this.#sendBatch(files.slice(at, at + BATCH_FILES));
      }
  }

  /** Asks the farm about files that are as they were. What it shows is done; what it has not is looked at again, to be sent. */
  async #notShown(known: readonly Known[]): Promise<Ready[]> {
    if (known.length === 0) return [];
    const { client, root, lines, unchanged, signal, limitKbps } = this.#parts;
    const entries = known.map(({ entry }) => entry);
    const differing = await client.differing(root, entries, { signal, limitKbps: limitKbps ?? undefined });
    const same: string[] = [];
    const again: Named[] = [];
    for (const [index, { file }] of known.entries()) {
      if (differing.has(index)) {
        again.push(file);
        continue;
      }
      lines.unchanged('upload', file.local);
      same.push(file.local);
    }
    this.#sent += same.length;
    await unchanged.stillThere(same);
    return this.#again(again);
  }

  /** Bytes that the farm has by another path need not be read, as long as the file is as it was. */
  async #again(files: readonly Named[]): Promise<Ready[]> {
    const lookedAtMs = this.#parts.clock.now();
    const seen = await this.#seen(files);
    return files.flatMap(({ local: localPath, remote: treePath }, index): Ready | [] => {
      const { facts, record } = seen[index]!;
      if (facts instanceof Error) {
        this.#lost(localPath, facts.message);
        return [];
      }
      const ready = { localPath, treePath, facts, lookedAtMs };
      return record === undefined ? ready : { ...ready, remembered: { ...record, isLookedAt: true } };
    });
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
  for (const { localPath, remembered } of batch)
    if (remembered === undefined) lines.begun('upload', localPath);
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
