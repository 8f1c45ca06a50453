import { expect, test } from 'vitest';
import { WantedPlaces } from './place.ts';
import { PlaceSet } from './place-set.ts';

test.each([
  ['win32', ['/a/A.png', '/a/a.png'], true],
  ['darwin', ['/é.png', '/e\u0301.png'], true],
  ['linux', ['/a/A.png', '/a/a.png'], false],
  ['win32', ['/A/1.png', '/b/1.png'], false],
] as const)('on %s, %j would be one file: %s', async (platform, places, isTwin) => {
  const wanted = new WantedPlaces(platform);
  expect(places.map((place) => wanted.add(place))).toEqual([true, !isTwin]);
  expect(wanted.has(places[1])).toBe(true);
  const check = wanted.refuseTwins(given(places), places[1]);
  if (isTwin) await expect(check).rejects.toThrow(/would be one file/);
  else await check;
});

test('a set of places knows what was added, and nothing else, however many they are', () => {
  const set = new PlaceSet();
  const names = Array.from({ length: 20_000 }, (_, number) => `/shot/${number}.exr`);
  expect(names.every((name) => set.add(name))).toBe(true);
  expect(names.every((name) => set.has(name) && !set.add(name))).toBe(true);
  expect(names.some((name) => set.has(`${name}.part`))).toBe(false);
});

async function* given(places: readonly string[]) {
  yield* places;
}
