/**
 * Downloads of one run. The SDK's "download per frame" is this program started again and again for the whole folder, so a
 * file whose size and time are those of the farm is left alone without being read; all others go to the engine, which
 * compares bytes, fetches only what differs, and puts each file in place at once. Local files that the farm does not have
 * are never touched.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CroftError, type TreeEntry, type TreeRoot } from '@croft/contract';
import { makeFolder, type TransferClient } from '@croft/transfer';
import { type ExistingChoice, existingRule } from '../download-results.ts';
import { remotePath } from './keep-path.ts';
import type { Teller } from './lines.ts';

/** Times a folder is listed again because the farm got newer files meanwhile. */
const LISTINGS_AT_MOST = 5;
/** Times survive a round through a file system only nearly. */
const SAME_TIME_MS = 2;

export interface ReceiveParts {
  readonly client: TransferClient;
  readonly root: TreeRoot;
  readonly lines: Teller;
  readonly signal: AbortSignal;
  readonly limitKbps: number | null;
  /** Whether files that look the same are compared byte for byte, too. */
  readonly isVerifying?: boolean;
  /** Whose output storage; absent or null: that of who asks. */
  readonly ownerId?: number | null;
  /** What becomes of other files in the places; default: they are replaced. */
  readonly existing?: ExistingChoice;
  /** Frames of the task; where it is not known, every file counts as one. */
  readonly frames?: number | null;
}

/** Place of an entry below the local folder; `prefix` is the confined path that was asked for. */
export type PlaceRule = (entry: TreeEntry, prefix: string) => string;

/** Fetches a remote file or folder. Throws TRANSFER_NOT_FOUND where there is none, PATH_REFUSED for no path at all. */
export async function receivePath(
  parts: ReceiveParts,
  remote: string,
  folder: string,
  rule: PlaceRule,
): Promise<void> {
  const prefix = remotePath(remote.trim());
  const to = resolve(folder);
  makeFolder(to, 0o777);
  for (let listing = 1; ; listing++) {
    try {
      return await receiveOnce(parts, prefix, to, rule);
    } catch (thrown) {
      const isOld = thrown instanceof CroftError && thrown.code === 'TRANSFER_SOURCE_CHANGED';
      if (!isOld || listing === LISTINGS_AT_MOST) throw thrown;
    }
  }
}

async function receiveOnce(parts: ReceiveParts, prefix: string, to: string, rule: PlaceRule): Promise<void> {
  const { client, root, lines, signal, limitKbps, isVerifying = false } = parts;
  const owner = parts.ownerId ? { ownerId: parts.ownerId } : {};
  const all = await client.list(root, { prefix, signal, ...owner });
  const placeOf = (entry: TreeEntry) => rule(entry, prefix);
  const entries: TreeEntry[] = [];
  for (const entry of all)
    if (isVerifying || !(await isSame(join(to, placeOf(entry)), entry))) entries.push(entry);
  lines.listed(prefix, all.length, all.length - entries.length);
  for (const entry of entries) lines.begun('download', join(to, placeOf(entry)));
  await client.download({
    root,
    ...owner,
    existing: existingRule(parts.existing ?? 'overwrite', parts.frames ?? all.length),
    // An empty list of entries would mean success for a folder that does not exist.
    ...(all.length === 0 ? { prefix } : { entries }),
    to,
    placeOf,
    signal,
    limitKbps: limitKbps ?? undefined,
    onProgress: (progress) => lines.progress(progress),
    onFile: (entry, place) => lines.done('download', join(to, place), entry.size),
  });
}

async function isSame(path: string, entry: TreeEntry): Promise<boolean> {
  const facts = await stat(path).catch(() => null);
  return (
    facts?.isFile() === true &&
    facts.size === entry.size &&
    Math.abs(facts.mtimeMs - entry.mtimeMs) < SAME_TIME_MS
  );
}
