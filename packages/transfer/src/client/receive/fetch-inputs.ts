/** The inputs of an attempt, into the cache of a node and from there to their places: a slice of them after the other. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TreeEntry } from '@croft/contract';
import { inLanes, slicesOf } from '../lanes.ts';
import type { FetchInputsWish } from '../wishes.ts';
import { cachedPath, copyAside } from './local-paths.ts';
import { ConfinedFolder } from './place.ts';
import type { PlaceThread } from './place-thread.ts';
import { FILES_AT_ONCE, receiveAll, type SettledFile, TrustedBlobs } from './receive-all.ts';
import type { ReceiveParts } from './receive-file.ts';

/** Inputs whose names are in memory at once. */
const SLICE_INPUTS = 10_000;

/** Gives how many files lie in their places. */
export async function fetchInputs(
  parts: ReceiveParts & { places: PlaceThread },
  { cacheFolder, workFolder, trusted = new TrustedBlobs(), onInput }: FetchInputsWish,
): Promise<{ files: number }> {
  const { meter, signal, limit } = parts;
  await using inputs = await parts.door.inputs({ signal, limit });
  const folder = await ConfinedFolder.open(workFolder);
  const incoming = async ({ id, size }: TreeEntry): Promise<SettledFile> => {
    const target = cachedPath(cacheFolder, id);
    await mkdir(dirname(target), { recursive: true });
    return { source: { kind: 'blob', id }, id, size, mtimeMs: null, target, isSeen: trusted.has(id) };
  };
  meter.enter('receiving', inputs.files, inputs.bytes);
  for await (const slice of slicesOf(inputs, SLICE_INPUTS)) {
    const unique = new Map(slice.map((entry) => [entry.id, entry]));
    for (const entry of slice) {
      if (unique.get(entry.id) === entry) continue;
      meter.skipped(entry.size);
      meter.fileDone();
    }
    await receiveAll(parts, unique.values(), incoming, ({ id }) => trusted.add(id));
    await inLanes(slice, FILES_AT_ONCE, async (entry) => {
      await copyAside(cachedPath(cacheFolder, entry.id), await folder.place(entry.path));
      await onInput?.(entry);
    });
  }
  meter.rename('done');
  return { files: inputs.files };
}
