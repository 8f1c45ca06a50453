import { serverPathOf } from '@croft/contract';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';

/**
 * Path of a local file → its path on the farm: `D:\a\b.txt` → `/D/a/b.txt`, `/mnt/a.txt` → `/mnt/a.txt`,
 * `\\srv\share\a` → `/srv/share/a`. The rule is the contract's, always with the slash in front that the documents show.
 * Throws RayvisionError 600 for a path that is not absolute: what it is depends on where the script runs.
 */
export function convertPath(localPath: string): string {
  if (!/^([/\\]|[a-zA-Z]:[/\\])./.test(localPath)) {
    const said = `${JSON.stringify(localPath)} is no absolute path of a file`;
    throw new RayvisionError(CLIENT_CODES.parameterInvalid, said);
  }
  const converted = serverPathOf(localPath);
  return converted.startsWith('/') ? converted : `/${converted}`;
}
