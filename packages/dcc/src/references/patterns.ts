/**
 * Names that stand for several files: numbered sequences and UDIM tiles. A pattern is matched against the names that are in the
 * folder; nothing is counted up, so a scene that claims a million frames costs one listing.
 */

/** What the last name of a path stands for. */
export type Shape = 'file' | 'sequence' | 'tiles' | 'folder' | 'prefix';

/** A test for names in a folder; null where the name stands for itself. */
export function namePattern(name: string, shape: Shape): RegExp | null {
  if (shape === 'sequence') return sequencePattern(name);
  if (shape === 'tiles') return tilePattern(name) ?? sequencePattern(name);
  if (shape === 'prefix') return new RegExp(`^${literal(name)}`);
  return null;
}

/** The last run of digits before the extension counts: `a01.0001.png` → `a01.` digits `.png`. */
function sequencePattern(name: string): RegExp | null {
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const run = /^(.*?)(\d+)(\D*)$/.exec(stem);
  if (!run) return null;
  return new RegExp(`^${literal(run[1]!)}\\d+${literal(run[3]! + name.slice(stem.length))}$`);
}

function tilePattern(name: string): RegExp | null {
  const token = /<UDIM>|<UVTILE>/i.exec(name);
  if (!token) return null;
  const tile = /udim/i.test(token[0]) ? '[1-9]\\d{3}' : 'u\\d+_v\\d+';
  return new RegExp(
    `^${literal(name.slice(0, token.index))}${tile}${literal(name.slice(token.index + token[0].length))}$`,
  );
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
