/** All files below a folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { coerceError } from '@croft/contract';

/** A file with the names that lead to it, or something that cannot be read, and why. */
type Found =
  | { readonly local: string; readonly names: readonly string[] }
  | { readonly local: string; readonly failure: string };

/** Walks a folder; linked folders are walked too, unless they lead back to one that is being walked. */
export async function* filesBelow(
  folder: string,
  names: readonly string[] = [],
  above: readonly string[] = [],
): AsyncGenerator<Found> {
  const real = await realpath(folder);
  if (above.includes(real)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) =>
    coerceError(thrown),
  );
  if (entries instanceof Error) {
    yield { local: folder, failure: entries.message };
    return;
  }
  for (const entry of entries) {
    const local = join(folder, entry.name);
    const inside = [...names, entry.name];
    const isFolder = entry.isSymbolicLink()
      ? await stat(local).then(
          (facts) => facts.isDirectory(),
          () => false,
        )
      : entry.isDirectory();
    if (isFolder) yield* filesBelow(local, inside, [...above, real]);
    else yield { local, names: inside };
  }
}
