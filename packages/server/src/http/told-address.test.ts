import { expect, it } from 'vitest';
import { toldUrl } from './told-address.ts';

it.each([
  [{ host: '127.0.0.1', publicHosts: [] }, null],
  [{ host: 'localhost', publicHosts: [] }, null],
  [{ host: '0.0.0.0', publicHosts: [] }, 'http://10.1.2.3:8420'],
  [{ host: '10.9.9.9', publicHosts: [] }, 'http://10.9.9.9:8420'],
  [{ host: 'fd00::1', publicHosts: [] }, 'http://[fd00::1]:8420'],
  [{ host: '0.0.0.0', publicHosts: ['farm.example', 'other'] }, 'http://farm.example:8420'],
  [{ host: '127.0.0.1', publicHosts: ['farm.example:80'] }, 'http://farm.example:80'],
  [{ host: '0.0.0.0', publicHosts: ['proxy.example/farm'] }, 'http://proxy.example/farm'],
  [{ host: '0.0.0.0', publicHosts: ['fd00::2'] }, 'http://[fd00::2]:8420'],
])('%j is told as %s', (listening, url) => {
  expect(toldUrl({ port: 8420, ...listening }, () => '10.1.2.3')).toBe(url);
});

it('tells nothing where the machine has no address', () => {
  expect(toldUrl({ host: '0.0.0.0', port: 1, publicHosts: [] }, () => undefined)).toBeNull();
});
