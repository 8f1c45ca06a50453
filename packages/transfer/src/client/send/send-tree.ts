/**
 * Many files as one commit, with bounded memory: slice by slice they are looked at, asked about and sent; of those that are
 * through only the lines of the commit are left, and they wait on the disk. A path that is refused or a file that is lost is
 * told before anything of its slice is sent; nothing is switched before all slices are at the farm. More than
 * MAX_COMMIT_LINES paths are then switched by several commits, one right after the other.
 */
import type { BlobId, TreeEntry, TreeRoot } from '@croft/contract';
import { EntrySpool } from '../entry-spool.ts';
import { slicesOf } from '../lanes.ts';
import { sendFiles, type UploadParts } from './upload.ts';
import type { UploadFile } from './upload-file.ts';

/** Files whose names and hashes are in memory at once, about 1 KiB each; as many as one question takes. */
const SLICE_FILES = 20_000;

interface TreeWish {
  root: TreeRoot;
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>;
  onEntries?: ((entries: TreeEntry[]) => void) | undefined;
  onWanted?: ((ids: ReadonlySet<BlobId>) => void) | undefined;
}

/** Sends what the farm lacks and commits. `entries` has those that `onEntries` did not take. */
export async function sendTree(
  parts: UploadParts,
  wish: TreeWish,
): Promise<{ version: number; entries: TreeEntry[] }> {
  const { meter } = parts;
  const spool = new EntrySpool();
  const kept: TreeEntry[] = [];
  try {
    let shownBy: number | null = null;
    for await (const files of slicesOf(wish.files, SLICE_FILES)) {
      meter.nextSlice();
      // A path that an earlier slice switches is shown with other bytes by now: once there is such a one, nobody is asked.
      const shownIn = spool.isEmpty ? parts.shownIn : undefined;
      const { entries, changed, version } = await sendFiles({ ...parts, shownIn }, files, wish.onWanted);
      shownBy = version;
      await spool.add(changed);
      if (wish.onEntries !== undefined) wish.onEntries(entries);
      else for (const entry of entries) kept.push(entry);
    }
    meter.rename('committing');
    const version = spool.isEmpty && shownBy !== null ? shownBy : await commitAll(parts, wish.root, spool);
    meter.rename('done');
    return { version, entries: kept };
  } finally {
    await spool.close();
  }
}

async function commitAll(
  { door, signal, limit }: UploadParts,
  root: TreeRoot,
  spool: EntrySpool,
): Promise<number> {
  let version = 0;
  for (const body of spool.bodies()) version = await door.commit(root, body, { signal, limit });
  return version;
}
