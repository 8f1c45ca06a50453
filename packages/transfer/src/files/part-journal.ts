/**
 * Which parts of a long blob lie safely in a file: the durable memory of an unfinished upload or download.
 *
 * File: records of 40 bytes, appended one at a time: u32 part number, 32 bytes SHA-256 of the part, u32 CRC-32 of the
 * 36 bytes before, all big-endian. A record is appended only after the part's bytes were synced, so a record is never a
 * lie; losing one in a power cut costs sending one part again. A torn or damaged record is skipped by its CRC; when a
 * part is named twice, the later record counts.
 */
import { open, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

const RECORD_BYTES = 40;

/** Part number → raw SHA-256 of its bytes. An absent journal is an empty one. */
export async function readPartJournal(path: string, partCount: number): Promise<Map<number, Buffer>> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw thrown;
  }
  const parts = new Map<number, Buffer>();
  for (let at = 0; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const record = bytes.subarray(at, at + RECORD_BYTES);
    if (crc32(record.subarray(0, 36)) !== record.readUInt32BE(36)) continue;
    const part = record.readUInt32BE(0);
    if (part < partCount) parts.set(part, Buffer.from(record.subarray(4, 36)));
  }
  return parts;
}

/** Notes that a part's bytes are on disk. The caller has synced them. */
export async function appendPart(path: string, part: number, sha256: Uint8Array): Promise<void> {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeUInt32BE(part, 0);
  record.set(sha256, 4);
  record.writeUInt32BE(crc32(record.subarray(0, 36)), 36);
  const file = await open(path, 'a');
  try {
    // A torn record of a crash would put all later ones out of step: drop it first.
    const { size } = await file.stat();
    if (size % RECORD_BYTES !== 0) await file.truncate(size - (size % RECORD_BYTES));
    await file.write(record);
  } finally {
    await file.close();
  }
}
