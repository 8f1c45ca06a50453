import { expect, test } from 'vitest';
import { refuseTwins } from './place.ts';

test.each([
  ['win32', ['/a/A.png', '/a/a.png'], true],
  ['darwin', ['/é.png', '/e\u0301.png'], true],
  ['linux', ['/a/A.png', '/a/a.png'], false],
  ['win32', ['/A/1.png', '/b/1.png'], false],
] as const)('on %s, %j would be one file: %s', (platform, places, isTwin) => {
  const check = () => refuseTwins(places, platform);
  if (isTwin) expect(check).toThrow(/would be one file/);
  else check();
});
