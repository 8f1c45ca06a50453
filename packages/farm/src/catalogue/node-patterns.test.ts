import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardModel, soldMemoryGb } from './machine-words.ts';
import { namesNode } from './node-patterns.ts';

/** The same rule as a regular expression, which is safe for the short texts of this test. */
function byRegExp(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name);
}

test('a pattern names what the same regular expression matches', () => {
  const word = (letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
  fc.assert(
    fc.property(word(['a', 'B', '*', '.']), word(['a', 'b', 'A', '.']), (pattern, name) => {
      expect(namesNode([pattern], { id: 'n1', name })).toBe(byRegExp(pattern, name));
    }),
    { numRuns: 2000 },
  );
});

test('an id names its node, whatever it is called', () => {
  expect(namesNode(['n0123'], { id: 'n0123', name: 'east' })).toBe(true);
  expect(namesNode(['EAST', 'x'], { id: 'n0123', name: 'east' })).toBe(true);
  expect(namesNode([], { id: 'n0123', name: 'east' })).toBe(false);
});

test.each([
  [62.6, 64],
  [15.5, 16],
  [0.4, 1],
  [503, 512],
  [100, 96],
  [9000, 4096],
])('a machine that reports %d GiB was sold with %d GB', (gib, sold) => {
  expect(soldMemoryGb(gib * 1024 ** 3)).toBe(sold);
});

test.each([
  ['NVIDIA GeForce RTX 2080 Ti', '2080Ti'],
  ['NVIDIA GeForce GTX 1080Ti', '1080Ti'],
  ['NVIDIA GeForce RTX 2070 SUPER', '2070Super'],
  ['NVIDIA GeForce RTX 4090', '4090'],
  ['NVIDIA A100-SXM4-80GB', 'NVIDIA A100-SXM4-80GB'],
])('%s is %s', (reported, model) => {
  expect(cardModel(reported)).toBe(model);
});
