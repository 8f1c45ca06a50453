/** Names and users of datablocks. */
import type { StructView } from '../blend/struct-view.ts';

const FAKE_USER = 512;

/** Name without the two letters of its kind. A linked datablock's placeholder is the bare ID struct. */
export function nameOfDatablock(view: StructView | null): string {
  if (view === null) return '';
  const id = view.type === 'ID' ? view : view.struct('id');
  return (id ?? view).text('name').slice(2);
}

/** Whether something other than a fake user uses the datablock. */
export function hasUsers(view: StructView): boolean {
  const id = view.struct('id');
  if (id === null || !id.has('us')) return true;
  const fake = (id.number('flag') & FAKE_USER) !== 0 ? 1 : 0;
  return id.number('us') - fake > 0;
}
