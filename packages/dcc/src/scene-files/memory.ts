/** Files that only exist in memory, for tests and for scenes that are not on a disk. */
import type { SceneFiles } from '../app.ts';
import { dccErrors } from '../errors.ts';

/**
 * `contents` maps absolute paths in the given style to bytes. Folders exist as far as files lie below them.
 * In the Windows style names are compared without case and both slashes are the same, as on that system.
 */
export function memorySceneFiles(
  contents: Readonly<Record<string, Uint8Array | string>>,
  style: SceneFiles['style'] = 'posix',
): SceneFiles {
  const keyOf = (path: string) =>
    style === 'windows' ? path.replaceAll('\\', '/').toLowerCase() : path.replace(/(?<=.)\/$/, '');
  const files = new Map<string, { path: string; bytes: Uint8Array }>();
  const folders = new Map<string, Set<string>>();
  for (const [path, content] of Object.entries(contents)) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    files.set(keyOf(path), { path, bytes });
    const names = path.replaceAll('\\', '/').split('/');
    for (let depth = 1; depth < names.length; depth++) {
      const folder = keyOf(names.slice(0, depth).join('/') || '/');
      const inside = folders.get(folder) ?? new Set<string>();
      inside.add(names[depth]!);
      folders.set(folder, inside);
    }
  }
  return {
    style,
    async stat(path) {
      const file = files.get(keyOf(path));
      if (file) return { kind: 'file', size: file.bytes.length, mtimeMs: 0 };
      return folders.has(keyOf(path)) ? { kind: 'folder', size: 0, mtimeMs: 0 } : null;
    },
    async list(folder) {
      return [...(folders.get(keyOf(folder)) ?? [])].sort();
    },
    async open(path) {
      const file = files.get(keyOf(path));
      if (!file) throw dccErrors.DCC_NO_SUCH_FILE(`the file ${path} cannot be opened`);
      return {
        size: file.bytes.length,
        read: async (offset, length) => file.bytes.subarray(offset, offset + length),
        close: async () => {},
      };
    },
  };
}
