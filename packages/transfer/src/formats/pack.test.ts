import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blobIdOfBytes } from '../blob-hash.ts';
import { decodePack, encodePack, type PackedBlob } from './pack.ts';

const blobs = fc
  .array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
  .map((all) => all.map((bytes) => ({ id: blobIdOfBytes(bytes), bytes })));

async function* cut(bytes: Uint8Array, lengths: number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function decode(bytes: Uint8Array, lengths = [4096]): Promise<PackedBlob[]> {
  const found: PackedBlob[] = [];
  for await (const blob of decodePack(cut(bytes, lengths))) found.push(blob);
  return found;
}

test('what goes into a pack comes out, however the stream is cut', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(blobs, lengths, async (put, cuts) => {
      const got = await decode(Buffer.concat(encodePack(put)), cuts);
      expect(got.map(({ id }) => id)).toEqual(put.map(({ id }) => id));
      for (const [index, { bytes }] of got.entries())
        expect(Buffer.compare(bytes, put[index]!.bytes)).toBe(0);
    }),
  );
});

test('a pack that is cut off or changed anywhere is refused, unless the cut falls between two blobs', async () => {
  await fc.assert(
    fc.asyncProperty(blobs, fc.nat(), fc.integer({ min: 1, max: 255 }), async (put, place, flip) => {
      const pack = Buffer.concat(encodePack(put));
      fc.pre(pack.length > 0);
      const at = place % pack.length;
      const changed = Buffer.from(pack);
      changed[at]! ^= flip;
      // A changed header may still name the same blob (JSON has spellings); bytes never pass under a wrong id.
      const outcome = await decode(changed).catch((error: { code?: string }) => error.code);
      if (Array.isArray(outcome)) for (const { id, bytes } of outcome) expect(blobIdOfBytes(bytes)).toBe(id);
      else expect(outcome).toMatch(/^TRANSFER_(PACK_INVALID|HASH_MISMATCH|TOO_LARGE)$/);
      const short = await decode(pack.subarray(0, at)).catch((error: { code?: string }) => error.code);
      if (Array.isArray(short)) expect(short.length).toBeLessThan(put.length);
      else expect(short).toBe('TRANSFER_PACK_INVALID');
    }),
  );
});

test('limits are told from the header, before the bytes', async () => {
  const id = blobIdOfBytes(Buffer.from('x'));
  const claim = (header: string, length = header.length) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(length);
    return Buffer.concat([prefix, Buffer.from(header)]);
  };
  await expect(decode(claim('{}', 70_000))).rejects.toMatchObject({ code: 'TRANSFER_TOO_LARGE' });
  await expect(decode(claim(JSON.stringify({ id, size: 5 * 2 ** 20 })))).rejects.toMatchObject({
    code: 'TRANSFER_TOO_LARGE',
  });
  for (const header of [
    'nonsense',
    '[]',
    'null',
    JSON.stringify({ id, size: -1 }),
    JSON.stringify({ id: 'x', size: 1 }),
  ]) {
    await expect(decode(claim(header))).rejects.toMatchObject({ code: 'TRANSFER_PACK_INVALID' });
  }
});
