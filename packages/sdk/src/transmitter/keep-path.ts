/** Where files land: the rules of `-K` (keep the path) for each transfer type. Pure; every result is confined. */
import { basename } from 'node:path';
import { confinedBelow, confinedPath, serverPathOf, type TreeEntry } from '@croft/contract';

/**
 * A path as scripts write it, as a tree path: backslashes and doubled or missing slashes are put right. Throws
 * PATH_REFUSED for `..` and whatever else no tree path may have.
 */
export function remotePath(raw: string): string {
  return confinedPath(`/${plainNames(raw).join('/')}`);
}

function plainNames(raw: string): string[] {
  return raw
    .replaceAll('\\', '/')
    .split('/')
    .filter((name) => name !== '' && name !== '.');
}

/** `/` where the path names no file: the root itself. */
function remoteFolder(raw: string): string {
  return plainNames(raw).length === 0 ? '' : remotePath(raw);
}

/** Tree path of one uploaded file: `-R` itself, or below it where it ends in a slash or the path is kept. */
export function uploadedFilePath(local: string, remote: string, keepPath: boolean): string {
  if (keepPath) return remotePath(`${remoteFolder(remote)}/${serverPathOf(local)}`);
  const isFolder = remote.trim() === '' || /[/\\]\s*$/.test(remote);
  return isFolder ? remotePath(`${remoteFolder(remote)}/${basename(local)}`) : remotePath(remote);
}

/** What `placesBelow` puts before the names: the same for all files of a folder. */
export function uploadedFolder(folder: string, remote: string, keepPath: boolean): string {
  return `${remoteFolder(remote)}${keepPath ? `/${serverPathOf(folder)}` : ''}`;
}

/**
 * Tree paths of files found in an uploaded folder, by their names. `below` are the names from that folder to theirs, which is
 * looked at once for all. Throws PATH_REFUSED for a file whose path no tree has.
 */
export function placesBelow(uploaded: string, below: readonly string[]): (name: string) => string {
  const start = [uploaded, ...below].join('/');
  const folder = asFolder(start);
  return (name) =>
    folder === null || name.includes('\\') ? remotePath(`${start}/${name}`) : confinedBelow(folder, name);
}

/** null where no file can lie below it. */
function asFolder(raw: string): string | null {
  try {
    return remoteFolder(raw);
  } catch {
    return null;
  }
}

/** Place of a downloaded entry below the local folder; `prefix` is the confined path that was asked for. */
export function downloadPlace(entry: Pick<TreeEntry, 'path'>, prefix: string, keepPath: boolean): string {
  if (keepPath) return entry.path;
  if (entry.path === prefix) return entry.path.slice(entry.path.lastIndexOf('/'));
  return entry.path.slice(prefix.length);
}
