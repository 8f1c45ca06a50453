import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, GiB, isBlobId, MAX_PARTS, MiB, partCountOf, partSizeOf } from '@croft/contract';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { BlobHasher, blobIdOfBytes, hashFile, idFitsSize, partSpan } from './blob-hash.ts';
import { HashPool } from './files/hash-pool.ts';

vi.setConfig({ testTimeout: 60_000 });

test('spans cover a blob of any size without gap or overlap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 44 }), (size) => {
      const last = partCountOf(size) - 1;
      expect(partCountOf(size)).toBeLessThanOrEqual(MAX_PARTS);
      expect(partSpan(size, 0).start).toBe(0);
      const { start, length } = partSpan(size, last);
      expect(start + length).toBe(size);
      if (last > 0)
        expect(partSpan(size, last - 1)).toEqual({
          start: start - partSizeOf(size),
          length: partSizeOf(size),
        });
    }),
  );
  expect(partSizeOf(156 * GiB)).toBe(16 * MiB);
  expect(partSizeOf(157 * GiB)).toBe(32 * MiB);
});

test('file, stream and bytes give one id, whichever way they are cut', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'croft-hash-'));
  const pool = new HashPool();
  try {
    for (const size of [0, 1, 16 * MiB, 16 * MiB + 1, 33 * MiB]) {
      const bytes = randomBytes(size);
      const path = join(folder, 'file');
      await writeFile(path, bytes);
      const hashed = await hashFile(path, pool);
      expect(isBlobId(hashed.id) && idFitsSize(hashed.id, size)).toBe(true);
      expect(hashed.partHashes.length).toBe(partCountOf(size));
      if (size <= 16 * MiB) expect(blobIdOfBytes(bytes)).toBe(hashed.id);
      for (const chunkBytes of [5 * MiB + 7, 40 * MiB]) {
        const hasher = new BlobHasher(size);
        for (let at = 0; at < size; at += chunkBytes) hasher.update(bytes.subarray(at, at + chunkBytes));
        expect(hasher.id()).toBe(hashed.id);
      }
    }
    const short = new BlobHasher(10);
    short.update(randomBytes(9));
    expect(short.id()).toBeNull();
    await expect(hashFile(join(folder, 'absent'), pool)).rejects.toMatchObject({
      code: 'TRANSFER_FILE_UNREADABLE',
    });
    await expect(hashFile(folder, pool)).rejects.toMatchObject({ code: 'TRANSFER_FILE_UNREADABLE' });
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
});

test('the composite id is the SHA-256 of the part hashes', async () => {
  // 17 MiB of zeros; SHA-256 of 16 MiB and of 1 MiB of zeros, hashed together (checked with sha256sum).
  const hasher = new BlobHasher(17 * MiB);
  hasher.update(Buffer.alloc(17 * MiB));
  expect(hasher.id()).toBe(
    'sha256p-6e36ff57bf051bf89797dcba132727f0cf2df29dd44c591d39f7b42455eecd0f' as BlobId,
  );
});
