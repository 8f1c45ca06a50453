/**
 * Files of a tree into a folder. What is to come is listed to the disk, planned (where each file goes, and which are left alone), and
 * then received while the list is read; so memory is bounded by what is under way, not by the number of files.
 */
import type { TreeEntry } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import { inLanes, slicesOf } from '../lanes.ts';
import type { DownloadWish } from '../wishes.ts';
import { settlePlace } from './existing.ts';
import { type EntryList, givenEntries, ListedEntries } from './listed-entries.ts';
import { belowPrefix } from './local-paths.ts';
import { ConfinedFolder, WantedPlaces } from './place.ts';
import type { PlaceThread } from './place-thread.ts';
import { FILES_AT_ONCE, receiveAll } from './receive-all.ts';
import type { ReceiveParts } from './receive-file.ts';

const LOOKED_AT_ONCE = 1000;

type DownloadParts = ReceiveParts & { places: PlaceThread };

/** Gives how many files lie in their places. TRANSFER_NOT_FOUND where there is none at the prefix. */
export async function downloadTree(parts: DownloadParts, wish: DownloadWish): Promise<{ files: number }> {
  const { root, ownerId, prefix, version, entries } = wish;
  const { signal, limit } = parts;
  await using listed =
    entries === undefined
      ? await parts.door.tree(root, prefix, version, { signal, limit, ownerId })
      : givenEntries(entries);
  if (prefix !== undefined && listed.files === 0)
    throw transferErrors.TRANSFER_NOT_FOUND(`the ${root} storage has no file at or below ${prefix}`);
  const folder = await ConfinedFolder.open(wish.to);
  const taken = new WantedPlaces();
  await using wanted = await plan(listed, wish, taken);
  const { files } = listed;
  wish.onListed?.({ files, leftAlone: files - wanted.files });
  const { existing = 'overwrite' } = wish;
  const rule = typeof existing === 'function' ? existing(files) : existing;
  const settling = {
    targetOf: (place: string) => folder.place(place),
    taken,
    pool: parts.pool,
    signal,
    looks: folder.looks,
  };
  const incoming = async (entry: TreeEntry) => {
    const asked = placeOf(wish, entry);
    wish.onBegin?.(entry, asked);
    const { place, target, holds } = await settlePlace(settling, rule, asked, entry);
    return {
      source: { kind: 'file', root, path: entry.path, version, id: entry.id, ownerId } as const,
      id: entry.id,
      size: entry.size,
      mtimeMs: entry.mtimeMs,
      target,
      isThere: holds === 'same' || (holds === 'other' && rule === 'keep'),
      place,
    };
  };
  parts.meter.enter('receiving', wanted.files, wanted.bytes);
  await receiveAll(parts, wanted, incoming, (entry, { place }) => wish.onFile?.(entry, place));
  parts.meter.rename('done');
  return { files };
}

/** What is not left alone; all places are noted in `taken`. TRANSFER_PLACE_REFUSED where two are one. */
async function plan(listed: EntryList, wish: DownloadWish, taken: WantedPlaces): Promise<EntryList> {
  const { isLeftAlone } = wish;
  const note = async (place: string) => {
    if (!taken.add(place)) await taken.refuseTwins(placesOf(listed, wish), place);
  };
  if (isLeftAlone === undefined) {
    for await (const place of placesOf(listed, wish)) await note(place);
    return listed;
  }
  const left = async function* () {
    for await (const some of slicesOf(listed, LOOKED_AT_ONCE)) {
      const alone = new Set<TreeEntry>();
      await inLanes(some, FILES_AT_ONCE, async (entry) => {
        const place = placeOf(wish, entry);
        await note(place);
        if (await isLeftAlone(entry, place)) alone.add(entry);
      });
      yield* some.filter((entry) => !alone.has(entry));
    }
  };
  return ListedEntries.of(left());
}

async function* placesOf(listed: EntryList, wish: DownloadWish): AsyncGenerator<string> {
  for await (const entry of listed) yield placeOf(wish, entry);
}

function placeOf({ placeOf, prefix }: DownloadWish, entry: TreeEntry): string {
  return placeOf === undefined ? belowPrefix(entry.path, prefix) : placeOf(entry);
}
