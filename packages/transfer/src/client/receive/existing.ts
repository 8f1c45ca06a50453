/**
 * What becomes of a file that lies where a download wants to put another one. Files with the same bytes are left alone,
 * whatever the rule.
 *
 *   overwrite          the new file takes its place, whole and at once (the default)
 *   keep               what lies there stays, and nothing is fetched for it
 *   rename-still       what lies there stays; the new file becomes `name(1).png`, or the first number that is free
 *   rename-animation   the same with the number in front, so that a sequence still sorts and counts by its frames:
 *                      `(1)name.0001.exr`
 *
 * A renamed file that is there from an earlier download of the same bytes is found again, so repeating a download makes no
 * second copy. Names that other files of the same download want are never taken.
 */
import { type BlobId, CroftError } from '@croft/contract';
import { hashFile, statFile } from '../../blob-hash.ts';
import { transferErrors } from '../../errors.ts';
import type { HashPool } from '../../files/hash-pool.ts';
import type { QuickLook } from './quick-look.ts';

export const EXISTING_RULES = ['overwrite', 'keep', 'rename-still', 'rename-animation'] as const;
export type ExistingRule = (typeof EXISTING_RULES)[number];

/** Numbers tried before it is called a mistake. */
const NAMES_AT_MOST = 10_000;

export interface SettledPlace {
  /** Tree-like path below the folder. */
  readonly place: string;
  readonly target: string;
  /** `other`: something else lies there. */
  readonly holds: 'nothing' | 'same' | 'other';
}

export interface Wanted {
  readonly id: BlobId;
  readonly size: number;
}

export interface SettleParts {
  /** Path on the disk for a place, which must lie below the folder. */
  readonly targetOf: (place: string) => Promise<string>;
  /** All places that this download wants. */
  readonly taken: Pick<ReadonlySet<string>, 'has'>;
  readonly pool: HashPool;
  readonly signal?: AbortSignal | undefined;
  /** Told the bytes of what lies there as they are compared. */
  readonly onHashed?: ((bytes: number) => void) | undefined;
  /** Where many places are looked at, most of them empty. */
  readonly looks?: QuickLook | undefined;
}

/** Where the file goes under the rule, and what lies there now. */
export async function settlePlace(
  parts: SettleParts,
  rule: ExistingRule,
  place: string,
  wanted: Wanted,
): Promise<SettledPlace> {
  const first = await look(parts, place, wanted);
  if (first.holds !== 'other' || rule === 'overwrite' || rule === 'keep') return first;
  const isStill = rule === 'rename-still';
  for (let number = 1; number <= NAMES_AT_MOST; number++) {
    const other = renamed(place, number, isStill);
    if (parts.taken.has(other)) continue;
    const found = await look(parts, other, wanted);
    if (found.holds !== 'other') return found;
  }
  throw transferErrors.TRANSFER_PLACE_REFUSED(
    `${first.target} and ${NAMES_AT_MOST} others of its name are taken`,
  );
}

/** `/a/b.png` → `/a/b(1).png`, or `/a/(1)b.png` for a frame of an animation. */
export function renamed(place: string, number: number, isStill: boolean): string {
  const slash = place.lastIndexOf('/') + 1;
  const name = place.slice(slash);
  if (!isStill) return `${place.slice(0, slash)}(${number})${name}`;
  const dot = name.lastIndexOf('.');
  const end = dot > 0 ? dot : name.length;
  return `${place.slice(0, slash)}${name.slice(0, end)}(${number})${name.slice(end)}`;
}

async function look(
  { targetOf, pool, signal, looks, onHashed }: SettleParts,
  place: string,
  { id, size }: Wanted,
): Promise<SettledPlace> {
  const target = await targetOf(place);
  const facts = await looks?.at(target).catch(() => undefined);
  if (facts === null) return { place, target, holds: 'nothing' };
  return { place, target, holds: await holdsAt(target, { id, size }, pool, signal, onHashed) };
}

/** Whether a file is there, and with these bytes. */
export async function holdsAt(
  target: string,
  { id, size }: Wanted,
  pool: HashPool,
  signal?: AbortSignal,
  onHashed?: (bytes: number) => void,
): Promise<SettledPlace['holds']> {
  try {
    if ((await statFile(target)).size !== size) return 'other';
    return (await hashFile(target, pool, signal, onHashed)).id === id ? 'same' : 'other';
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    const isGone =
      thrown instanceof CroftError && (thrown.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    if (isGone) return 'nothing';
    // A file that cannot be read is there all the same.
    if (thrown instanceof CroftError) return 'other';
    throw thrown;
  }
}
