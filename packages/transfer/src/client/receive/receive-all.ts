/** Bringing many files to their places: long ones by themselves, short ones by the pack. */
import type { BlobId, TreeEntry } from '@croft/contract';
import { syncFolder } from '../../files/durable-files.ts';
import { inLanes } from '../lanes.ts';
import type { PlaceThread } from './place-thread.ts';
import { type IncomingFile, isThere, type ReceiveParts, receiveFile } from './receive-file.ts';
import { PackGatherer, receivePack } from './receive-packs.ts';

/** Files looked at, requested or copied at once. */
export const FILES_AT_ONCE = 8;

/** Folders that wait to be synced; more are synced at once. */
const FOLDERS_AT_MOST = 10_000;

/** `isThere`: known already; else the file is looked at. */
export type SettledFile = IncomingFile & { isThere?: boolean };

/**
 * Entries are taken as there is work for them, so that none need be in memory before. `onFile` is told each file that lies in its
 * place; their folders are synced in the end.
 */
export async function receiveAll<File extends SettledFile>(
  parts: ReceiveParts & { places: PlaceThread },
  entries: Iterable<TreeEntry> | AsyncIterable<TreeEntry>,
  incoming: (entry: TreeEntry) => Promise<File>,
  onFile: (entry: TreeEntry, file: File) => void,
): Promise<void> {
  const { meter } = parts;
  type Coming = { entry: TreeEntry; file: File } & Pick<IncomingFile, 'size'>;
  const gatherer = new PackGatherer<IncomingFile & Coming>(parts.limit);
  const done = ({ entry, file }: Omit<Coming, 'size'>) => {
    meter.fileDone();
    onFile(entry, file);
  };
  const receivePacked = async (files: (IncomingFile & Coming)[]) => {
    const left = new Set(await receivePack(parts, files));
    for (const file of files) if (!left.has(file)) done(file);
    await inLanes(left, FILES_AT_ONCE, async (file) => {
      await receiveFile(parts, file);
      done(file);
    });
    if (parts.touched.size > FOLDERS_AT_MOST) await syncTouched(parts);
  };
  await inLanes(entries, FILES_AT_ONCE, async (entry) => {
    const file = await incoming(entry);
    if (file.isThere ?? (await isThere(parts, file))) {
      meter.skipped(file.size);
      done({ entry, file });
    } else if (file.size > gatherer.fileMaxBytes) {
      await receiveFile(parts, file);
      done({ entry, file });
    } else {
      const pack = gatherer.add({ ...file, entry, file });
      if (pack !== null) await receivePacked(pack);
    }
  });
  await receivePacked(gatherer.rest());
  await syncTouched(parts);
}

async function syncTouched({ touched }: ReceiveParts): Promise<void> {
  const folders = [...touched];
  touched.clear();
  for (const folder of folders) await syncFolder(folder);
}

/** Blobs of a node's cache that this process has seen whole: short ones are not synced, so others are hashed before use. */
export class TrustedBlobs {
  readonly #ids = new Set<BlobId>();

  has(id: BlobId): boolean {
    return this.#ids.has(id);
  }
  add(id: BlobId): void {
    if (this.#ids.size === MAX_TRUSTED) this.#ids.clear();
    this.#ids.add(id);
  }
}

const MAX_TRUSTED = 200_000;
