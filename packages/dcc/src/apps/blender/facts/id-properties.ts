/** Custom properties of a datablock, where add-ons such as Cycles keep their settings. */
import type { StructView } from '../blend/struct-view.ts';

const GROUP = 6;

/** An integer or boolean in a group of a datablock's properties: `scene.cycles.use_denoising`; null where it was never set. */
export function groupedInteger(datablock: StructView, group: string, name: string): number | null {
  const id = datablock.struct('id');
  // 5.0 moved what add-ons declare to a tree of its own.
  for (const root of [id?.follow('system_properties'), id?.follow('properties')]) {
    const inside = root && member(root, group);
    const property = inside && inside.number('type') === GROUP ? member(inside, name) : null;
    const value = property?.struct('data')?.number('val');
    if (value !== undefined) return value;
  }
  return null;
}

function member(group: StructView, name: string): StructView | null {
  for (const property of group.struct('data')?.list('group') ?? []) {
    if (property.text('name') === name) return property;
  }
  return null;
}
