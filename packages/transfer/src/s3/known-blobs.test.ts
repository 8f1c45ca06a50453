import type { BlobId } from '@croft/contract';
import { expect, test } from 'vitest';
import { KnownBlobs } from './known-blobs.ts';

const [A, B] = ['a', 'b'].map((digit) => `sha256-${digit.repeat(64)}` as BlobId) as [BlobId, BlobId];

test('an answer that is older than a removal is not believed', () => {
  const known = new KnownBlobs({ now: () => 0, after: () => () => {} });
  const listed = known.adder();
  listed(A);
  expect(known.has(A)).toBe(true);
  known.remove(A);
  listed(A);
  listed(B);
  expect([known.has(A), known.has(B)]).toEqual([false, false]);
  known.adder()(B);
  expect(known.has(B)).toBe(true);
});
