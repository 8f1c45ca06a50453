import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlobId, MAX_PARTS, partCountOf, partSizeOf, SMALLEST_PART_BYTES } from './blob-id.ts';
import { GiB, MiB } from './units.ts';

describe('blob ids', () => {
  it('are a tag and 64 lower-case hex digits', () => {
    const hex = '0123456789abcdef'.repeat(4);
    expect(isBlobId(`sha256-${hex}`)).toBe(true);
    expect(isBlobId(`sha256p-${hex}`)).toBe(true);
    for (const wrong of [
      hex,
      `sha256-${hex}0`,
      `sha256-${hex.toUpperCase()}`,
      `md5-${hex}`,
      `sha256-${hex}\n`,
      '',
      7,
      null,
    ]) {
      expect(isBlobId(wrong)).toBe(false);
    }
  });
});

describe('parts', () => {
  it.each([
    [0, 16 * MiB, 1],
    [1, 16 * MiB, 1],
    [16 * MiB, 16 * MiB, 1],
    [16 * MiB + 1, 16 * MiB, 2],
    [160_000 * MiB, 16 * MiB, 10_000],
    [160_000 * MiB + 1, 32 * MiB, 5001],
    [5000 * GiB, 512 * MiB, 10_000],
  ])('%d bytes', (size, part, count) => {
    expect(partSizeOf(size)).toBe(part);
    expect(partCountOf(size)).toBe(count);
  });

  it('cover the blob, at most 10,000, none of them empty', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (size) => {
        const part = partSizeOf(size);
        const count = partCountOf(size);
        expect(count).toBeLessThanOrEqual(MAX_PARTS);
        expect(count * part).toBeGreaterThanOrEqual(size);
        expect((count - 1) * part).toBeLessThan(size);
        expect(Number.isInteger(Math.log2(part / SMALLEST_PART_BYTES))).toBe(true);
      }),
    );
  });
});
