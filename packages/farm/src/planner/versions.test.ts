import { expect, test } from 'vitest';
import { chooseVersion } from './versions.ts';

test.each([
  ['3.4', ['3.4.1', '3.4.0', '4.2.0'], '3.4.1'],
  ['3.4.0', ['3.3.9', '4.2.0', '3.6.2'], '3.6.2'],
  ['4.2', ['3.4.1'], null],
  ['2.79', [], null],
])('a task for %s on %j gets %s', (wanted, installed, chosen) => {
  expect(chooseVersion(wanted, installed)).toBe(chosen);
});
