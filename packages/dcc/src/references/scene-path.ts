/**
 * Paths as scenes spell them: written on any system, read on any other. All work is done on a form with `/` and without
 * `.` and `..`; only `toLocal` brings back the platform's own spelling.
 */
import { confinedPath, serverPathOf } from '@croft/contract';

export type PathStyle = 'posix' | 'windows';

/** Where a path is anchored: a drive, a share, the root of a POSIX disk, or nothing. */
export type Anchor = 'drive' | 'share' | 'root' | 'none';

/** What a path is anchored to, whatever system it comes from. */
export function anchorOf(path: string): Anchor {
  if (/^[A-Za-z]:([\\/]|$)/.test(path)) return 'drive';
  if (path.startsWith('\\\\') || path.startsWith('//')) return 'share';
  return path.startsWith('/') || path.startsWith('\\') ? 'root' : 'none';
}

/** `/` for `\`, no `.`, no empty names, `..` taken with the name before it; at the anchor `..` is dropped. */
export function tidy(path: string): string {
  const slashed = path.replaceAll('\\', '/');
  const anchor = anchorOf(path);
  const prefix =
    anchor === 'drive' ? slashed.slice(0, 3) : anchor === 'share' ? '//' : anchor === 'root' ? '/' : '';
  const names: string[] = [];
  for (const name of slashed.slice(prefix.length).split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (prefix === '') names.push('..');
  }
  return prefix + names.join('/');
}

/** The folder of a tidy path. */
export function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  if (cut < 0) return '.';
  return /^([A-Za-z]:)?$/.test(path.slice(0, cut)) ? path.slice(0, cut + 1) : path.slice(0, cut);
}

/** The last name of a tidy path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Joins with one slash. */
export function join(folder: string, name: string): string {
  return tidy(folder.endsWith('/') ? folder + name : `${folder}/${name}`);
}

/** Whether the path means the same place on a machine of this style. */
export function isNative(path: string, style: PathStyle): boolean {
  const anchor = anchorOf(path);
  if (style === 'windows') return anchor === 'drive' || anchor === 'share';
  return anchor === 'root' && !path.startsWith('\\');
}

/** Server path of an absolute path as a tree path, or null where it cannot be one (control characters and the like). */
export function treePathOf(path: string): string | null {
  try {
    return confinedPath(serverPathOf(tidy(path)));
  } catch {
    return null;
  }
}
