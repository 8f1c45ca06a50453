/** Writes a .blend again with some fields changed. Packed files come out plain: their time is better spent rendering. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { BlendBytes } from './blend-bytes.ts';

/** New content of a field: `bytes`, then NULs up to `length`. */
export interface Patch {
  /** In the uncompressed file. */
  readonly offset: number;
  readonly length: number;
  readonly bytes: Buffer;
}

/** Replaces the file at `path` in one step; on any failure it stays as it was. */
export async function rewritePatched(
  path: string,
  content: BlendBytes,
  patches: readonly Patch[],
): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(beside, 'wx', 0o644);
    try {
      await copyAll(content, handle);
      for (const { offset, length, bytes } of patches) {
        await handle.write(Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]), 0, length, offset);
      }
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
}

async function copyAll(content: BlendBytes, handle: FileHandle): Promise<void> {
  const source = content.open();
  try {
    for (let chunk = await source.next(); chunk !== null; chunk = await source.next())
      await handle.writeFile(chunk);
  } finally {
    await source.close();
  }
}
