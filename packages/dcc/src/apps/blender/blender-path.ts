/**
 * Blender's spelling of paths: `//` at the start means the folder of the .blend that holds the path. `\\` is a Windows share.
 * A path without any anchor is taken from the same folder: Blender would take it from wherever it was started.
 */
import { anchorOf, folderOf, isNative, join, type PathStyle, tidy } from '../../references/scene-path.ts';

/** A .blend: where its scene (or its user's machine) has it, and where it is here. */
export interface BlendPlace {
  readonly expected: string;
  readonly local: string;
}

/** Whether the path depends on where the .blend is. */
export function isRelative(raw: string): boolean {
  return raw.startsWith('//') || (raw.startsWith('\\\\') === false && anchorOf(raw) === 'none');
}

/** Where the .blend expects the path, and where to look on this machine; null: it cannot be a path of this machine. */
export function resolveRaw(
  raw: string,
  blend: BlendPlace,
  style: PathStyle,
): { path: string; local: string | null } {
  if (!isRelative(raw)) {
    const path = tidy(raw);
    return { path, local: isNative(raw, style) ? path : null };
  }
  const rest = raw.replace(/^\/\/+/, '').replaceAll('\\', '/');
  return { path: join(folderOf(blend.expected), rest), local: join(folderOf(blend.local), rest) };
}
