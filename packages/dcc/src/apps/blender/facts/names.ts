/** Names and users of datablocks. */
import type { Address } from '../blend/address-map.ts';
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';

const FAKE_USER = 512;

/** Name without the two letters of its kind. A linked datablock's placeholder is the bare ID struct. */
export function nameOfDatablock(view: StructView | null): string {
  if (view === null) return '';
  const id = view.type === 'ID' ? view : view.struct('id');
  return (id ?? view).text('name').slice(2);
}

/**
 * Whether something other than a fake user uses the datablock. Newer files (2.90 on) write all user counts as 0 and leave out
 * what nobody uses; there a datablock with a fake user counts as used where a pointer that the analysis knows leads to it.
 */
export function hasUsers(view: StructView): boolean {
  const id = view.struct('id');
  if (id === null || !id.has('us')) return true;
  const fake = (id.number('flag') & FAKE_USER) !== 0;
  if (countsUsers(view.file)) return id.number('us') - (fake ? 1 : 0) > 0;
  return !fake || isPointedTo(view);
}

const counting = new WeakMap<BlendFile, boolean>();

function countsUsers(file: BlendFile): boolean {
  const known = counting.get(file);
  if (known !== undefined) return known;
  const counts = ['SC', 'OB', 'MA', 'IM']
    .flatMap((code) => file.datablocks(code))
    .some((view) => (view.struct('id')?.number('us') ?? 0) > 0);
  counting.set(file, counts);
  return counts;
}

/** Pointers to datablocks that name files: owner's code, struct, field. Fonts are used by curves, which are not read. */
const POINTERS = [
  ['MA', 'bNode', 'id'],
  ['NT', 'bNode', 'id'],
  ['WO', 'bNode', 'id'],
  ['LA', 'bNode', 'id'],
  ['SC', 'bNode', 'id'],
  ['SC', 'Sequence', 'sound'],
  ['SC', 'Sequence', 'clip'],
  ['OB', 'MeshSeqCacheModifierData', 'cache_file'],
] as const;

const targets = new WeakMap<BlendFile, ReadonlySet<string>>();

function isPointedTo(view: StructView): boolean {
  if (view.block.code === 'VF') return true;
  const known = targets.get(view.file) ?? targetsOf(view.file);
  targets.set(view.file, known);
  return known.has(addressText(view.block.address));
}

function targetsOf(file: BlendFile): ReadonlySet<string> {
  const fields = POINTERS.flatMap(([code, type, field]) =>
    file.datablocks(code).flatMap((owner) => file.owned(owner, type).map((view) => view.pointer(field))),
  );
  const direct = [
    ...file.datablocks('TE').map((view) => view.pointer('ima')),
    ...file.datablocks('OB').map((view) => view.pointer('data')),
    ...file.datablocks('SC').map((view) => view.pointer('clip')),
  ];
  return new Set([...fields, ...direct].flatMap((address) => (address ? [addressText(address)] : [])));
}

const addressText = ({ high, low }: Address) => `${high} ${low}`;
