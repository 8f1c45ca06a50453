/** The few file moves that must survive a power cut, and the disk errors that are the user's to solve. */
import { access, type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { coerceError, MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';

/** Makes a rename or a new file in `folder` durable. Windows cannot sync folders and keeps their order itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames a synced file into its place, durably unless `sync` is false. */
export async function moveIntoPlace(from: string, to: string, sync = true): Promise<void> {
  await rename(from, to);
  if (sync) await syncFolder(dirname(to));
}

/** A full disk is the user's to solve: TRANSFER_NO_SPACE. Everything else stays what it is. */
export function asDiskError(thrown: unknown, place: string): Error {
  const cause = coerceError(thrown);
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return transferErrors.TRANSFER_NO_SPACE(`the disk of ${place} is full`, { cause });
  }
  return cause;
}

const WRITE_BYTES = MiB;

/** Writes a stream into an open file from `position` on, gathered into writes of about 1 MiB; returns the bytes. */
export async function writeStream(
  file: FileHandle,
  position: number,
  body: AsyncIterable<Uint8Array>,
  eachChunk: (chunk: Uint8Array, totalBytes: number) => void,
): Promise<number> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let written = 0;
  const flush = async () => {
    if (pendingBytes === 0) return;
    await writeAll(file, pending, pendingBytes, position + written);
    written += pendingBytes;
    pending = [];
    pendingBytes = 0;
  };
  for await (const chunk of body) {
    eachChunk(chunk, written + pendingBytes + chunk.length);
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes >= WRITE_BYTES) await flush();
  }
  await flush();
  return written;
}

/** `writev` may write less than asked near a full disk: the next write then says ENOSPC. */
export async function writeAll(
  file: FileHandle,
  pieces: Uint8Array[],
  bytes: number,
  position: number,
): Promise<void> {
  const { bytesWritten } = await file.writev(pieces, position);
  if (bytesWritten === bytes) return;
  let rest = Buffer.concat(pieces).subarray(bytesWritten);
  let at = position + bytesWritten;
  while (rest.length > 0) {
    const again = await file.write(rest, 0, rest.length, at);
    rest = rest.subarray(again.bytesWritten);
    at += again.bytesWritten;
  }
}

/** Whether there is anything of that name. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
