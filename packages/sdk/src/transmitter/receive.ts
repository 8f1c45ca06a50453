/**
 * Downloads of one run. The SDK's "download per frame" is this program started again and again for the whole folder, so a
 * file whose size and time are those of the farm is left alone without being read; all others go to the engine, which
 * compares bytes, fetches only what differs, and puts each file in place at once. Local files that the farm does not have
 * are never touched.
 */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TreeEntry, TreeRoot } from '@croft/contract';
import type { TransferClient } from '@croft/transfer/client';
import { makeFolder } from '@croft/transfer/make-folder';
import { type ExistingChoice, existingRule } from '../download-results.ts';
import { remotePath } from './keep-path.ts';
import type { Teller } from './lines.ts';

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
  const { client, root, lines, signal, limitKbps, isVerifying = false, existing = 'overwrite' } = parts;
  await client.download({
    root,
    ...(parts.ownerId ? { ownerId: parts.ownerId } : {}),
    prefix,
    existing: (files) => existingRule(existing, parts.frames ?? files),
    to,
    placeOf: (entry) => rule(entry, prefix),
    ...(isVerifying
      ? {}
      : { isLeftAlone: (entry: TreeEntry, place: string) => isSame(join(to, place), entry) }),
    onListed: ({ files, leftAlone }) => lines.listed(prefix, files, leftAlone),
    onBegin: (_entry, place) => lines.begun('download', join(to, place)),
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
