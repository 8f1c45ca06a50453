/** MD5 of a scene file: not for safety, but because upload.json carries it. */
import { createHash } from 'node:crypto';
import { MiB } from '@croft/contract';
import type { SceneFile } from '../app.ts';

const READ = 4 * MiB;

/** Hex MD5 of all bytes. The next piece is read while one is hashed. */
export async function md5Of(file: SceneFile): Promise<string> {
  const hash = createHash('md5');
  let next = file.read(0, READ);
  for (let offset = 0; offset < file.size; ) {
    const piece = await next;
    if (piece.length === 0) break;
    offset += piece.length;
    next = offset < file.size ? file.read(offset, READ) : next;
    hash.update(piece);
  }
  await next;
  return hash.digest('hex');
}
