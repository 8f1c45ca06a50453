/** Files of the sequencer: pictures one by one, movies, and sounds of files that are older than sound datablocks. */
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';
import type { Reference } from './blend-facts.ts';

const IMAGES = 0;
const MOVIE = 3;
const SOUNDS = new Set([4, 5]);
const MUTED = 1 << 5;

/** References of a scene's strips. A strip's folder and names lie apart; the place is the folder's. */
export function stripReferences(file: BlendFile, scene: StructView, owner: string): Reference[] {
  const seen = new Set<string>();
  const references: Reference[] = [];
  for (const sequence of file.owned(scene, 'Sequence')) {
    const type = sequence.number('type');
    const isSound = SOUNDS.has(type) && !sequence.has('sound');
    if (type !== IMAGES && type !== MOVIE && !isSound) continue;
    const strip = sequence.follow('strip');
    if (strip === null) continue;
    const folder = strip.text('dir');
    const elements = strip.followAll('stripdata');
    const used = (sequence.number('flag') & MUTED) === 0;
    for (const element of type === IMAGES ? elements : elements.slice(0, 1)) {
      const name = element.text('name');
      const raw = folder === '' || /[\\/]$/.test(folder) ? folder + name : `${folder}/${name}`;
      if (name === '' || seen.has(raw)) continue;
      seen.add(raw);
      const kind = type === IMAGES ? 'sequence' : type === MOVIE ? 'clip' : 'sound';
      const at = folder === '' ? null : strip.fieldPlace('dir');
      const place = at && { holds: 'folder' as const, ...at };
      references.push({ raw, kind, owner: `Strip of ${owner}`, shape: 'file', used, place });
    }
  }
  return references;
}
