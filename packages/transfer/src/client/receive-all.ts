/** Bringing many files to their places: long ones by themselves, short ones by the pack. */
import type { BlobId, TreeEntry } from '@croft/contract';
import { syncFolder } from '../durable-files.ts';
import { inLanes } from './lanes.ts';
import type { PlaceThread } from './place-thread.ts';
import { type IncomingFile, isThere, type ReceiveParts, receiveFile } from './receive-file.ts';
import { PackGatherer, receivePack } from './receive-packs.ts';

/** Files looked at, requested or copied at once. */
export const FILES_AT_ONCE = 8;

/** `isThere`: known already; else the file is looked at. */
export type SettledFile = IncomingFile & { isThere?: boolean };

/** `touched` folders are synced in the end. `onFile` is told each file that lies in its place. */
export async function receiveAll(
  parts: ReceiveParts & { places: PlaceThread },
  entries: readonly TreeEntry[],
  incoming: (entry: TreeEntry) => Promise<SettledFile>,
  onFile: (entry: TreeEntry) => void,
): Promise<void> {
  const { meter } = parts;
  meter.enter(
    'receiving',
    entries.length,
    entries.reduce((sum, { size }) => sum + size, 0),
  );
  const gatherer = new PackGatherer<SettledFile & { entry: TreeEntry }>(parts.limit);
  const done = (entry: TreeEntry) => {
    meter.fileDone();
    onFile(entry);
  };
  const receivePacked = async (files: (SettledFile & { entry: TreeEntry })[]) => {
    const left = new Set(await receivePack(parts, files));
    for (const file of files) if (!left.has(file)) done(file.entry);
    await inLanes(left, FILES_AT_ONCE, async (file) => {
      await receiveFile(parts, file);
      done(file.entry);
    });
  };
  await inLanes(entries, FILES_AT_ONCE, async (entry) => {
    const file = await incoming(entry);
    if (file.isThere ?? (await isThere(parts, file))) {
      meter.skipped(file.size);
      done(entry);
    } else if (file.size > gatherer.fileMaxBytes) {
      await receiveFile(parts, file);
      done(entry);
    } else {
      const pack = gatherer.add({ ...file, entry });
      if (pack !== null) await receivePacked(pack);
    }
  });
  await receivePacked(gatherer.rest());
  for (const folder of parts.touched) await syncFolder(folder);
  meter.rename('done');
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
