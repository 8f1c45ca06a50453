/**
 * Paths inside a tree. Every path from outside (a manifest, a URL, a scene, a node) becomes a tree path here or is
 * refused, so that no later code has to think about `..` again.
 *
 * A tree path starts with `/`, has `/` between names, no empty, `.` or `..` name, no NUL or other control character,
 * no backslash, no drive letter (`C:x`), at most 4,096 bytes and 255 bytes a name. A missing leading slash is added: the
 * real SDK sends none from Linux. Names that only Windows cannot store (`aux.png`, `take:2`, a trailing dot) are fine in a
 * tree; writing one to a Windows disk is where they are refused (`hostileToWindows`).
 */
import { defineErrors, EXIT } from './croft-error.ts';

export const pathErrors = defineErrors({
  PATH_REFUSED: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Paths must stay below their root: no "..", no drive letters, no control or reserved names.',
  },
});

const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i;
const utf8 = new TextEncoder();
/** A unit of UTF-16 is at most three bytes of UTF-8. */
const SURELY_SHORT_NAME = 255 / 3;
const SURELY_SHORT_PATH = 4096 / 3;

/** A path that nothing is wrong with, as most: one look instead of six at each name. */
const SURELY_FINE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^\\/:\u0000-\u001f\u007f\ud800-\udfff]{1,85})+$/;

/** Returns `raw` as a tree path, or throws PATH_REFUSED with the reason. */
export function confinedPath(raw: string): string {
  if (raw.length <= SURELY_SHORT_PATH && SURELY_FINE_PATH.test(raw)) return raw;
  const refuse = (why: string) =>
    pathErrors.PATH_REFUSED(`the path ${JSON.stringify(raw.slice(0, 200))} ${why}`);
  if (raw === '' || raw === '/') throw refuse('names no file');
  if (!raw.isWellFormed()) throw refuse('is not well-formed Unicode');
  const names = (raw.startsWith('/') ? raw.slice(1) : raw).split('/');
  for (const name of names) {
    if (name === '') throw refuse('has an empty name in it');
    if (name === '.' || name === '..') throw refuse(`contains "${name}"`);
    if (/[\u0000-\u001f\u007f]/.test(name)) throw refuse('contains a control character');
    if (name.includes('\\')) throw refuse('contains a backslash');
    if (/^[a-z]:/i.test(name)) throw refuse('contains a drive letter');
    if (name.length > SURELY_SHORT_NAME && utf8.encode(name).length > 255)
      throw refuse('has a name of over 255 bytes');
  }
  const path = `/${names.join('/')}`;
  if (path.length > SURELY_SHORT_PATH && utf8.encode(path).length > 4096)
    throw refuse('is longer than 4,096 bytes');
  return path;
}

/** A name that nothing is wrong with, whatever the path; short, so that its bytes need not be counted. */
const SURELY_FINE = /^[^\\/:\u0000-\u001f\u007f\ud800-\udfff]{1,85}$/;

/**
 * As `confinedPath` of both together. `folder` is a tree path already, or '' for the root: of the many files of one
 * folder only the names are looked at.
 */
export function confinedBelow(folder: string, name: string): string {
  const isFine = SURELY_FINE.test(name) && name !== '.' && name !== '..';
  const path = `${folder}/${name}`;
  return isFine && path.length <= SURELY_SHORT_PATH ? path : confinedPath(path);
}

/** Whether a name cannot be, or would be another file, on a Windows disk: devices, streams, trailing dots and spaces. */
export function hostileToWindows(name: string): boolean {
  return RESERVED.test(name) || /[<>:"|?*]/.test(name) || /[. ]$/.test(name);
}

/**
 * The server path of a local file, by the rule every part of the real SDK shares: backslashes become slashes; with a
 * colon in second place all colons go and a `/` is put in front; otherwise the first character is dropped.
 * `D:\x\y` → `/D/x/y`, `/home/u/a.ma` → `home/u/a.ma`, `\\srv\share\f` → `/srv/share/f`.
 * Throws PATH_REFUSED for a path of one character or none, which the real SDK cannot convert either.
 */
export function serverPathOf(localPath: string): string {
  const slashed = localPath.replaceAll('\\', '/');
  if (slashed.length < 2) throw pathErrors.PATH_REFUSED(`${JSON.stringify(localPath)} is no path of a file`);
  return slashed[1] === ':' ? `/${slashed.replaceAll(':', '')}` : slashed.slice(1);
}
