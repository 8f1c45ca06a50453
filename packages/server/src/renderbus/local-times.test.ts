import { DAY, HOUR } from '@croft/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLocalReading, isTimeZone, type LocalReading, localTimes, systemTimeZone } from './local-times.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Shanghai',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/St_Johns',
];
const at = (text: string) => text as LocalReading;
const utc = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);

describe('local times', () => {
  it.each([
    ['UTC', '2026-11-21 09:00:00', '2026-11-21 09:00:00'],
    ['Asia/Shanghai', '2026-11-21 09:00:00', '2026-11-21 01:00:00'],
    ['Asia/Kathmandu', '2026-11-21 09:00:00', '2026-11-21 03:15:00'],
    ['Europe/Berlin', '2026-07-01 00:30:00', '2026-06-30 22:30:00'],
    // 02:00 to 03:00 does not happen on that day: taken by the clock of before.
    ['Europe/Berlin', '2026-03-29 02:30:00', '2026-03-29 01:30:00'],
    ['America/New_York', '2026-03-08 02:30:00', '2026-03-08 07:30:00'],
    // Half an hour only.
    ['Australia/Lord_Howe', '2026-10-04 02:15:00', '2026-10-03 15:45:00'],
    // 02:30 happens twice: the first.
    ['Europe/Berlin', '2026-10-25 02:30:00', '2026-10-25 00:30:00'],
    ['America/New_York', '2026-11-01 01:30:00', '2026-11-01 05:30:00'],
    // Apia left out the whole 30th of December 2011.
    ['Pacific/Apia', '2011-12-30 12:00:00', '2011-12-30 22:00:00'],
  ])('%s reads %s as %s UTC', (zone, reading, expected) => {
    expect(localTimes(zone).startOf(at(reading))).toBe(utc(expected));
  });

  it('writes midnight as 00 and reads back what it wrote, outside the hour that happens twice', () => {
    expect(localTimes('Europe/Berlin').textOf(utc('2026-06-30 22:00:00'))).toBe('2026-07-01 00:00:00');
    const seconds = fc.integer({
      min: utc('1990-01-01 00:00:00') / 1000,
      max: utc('2040-01-01 00:00:00') / 1000,
    });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), seconds, (zone, second) => {
        const times = localTimes(zone);
        const ms = second * 1000;
        const text = times.textOf(ms);
        expect(isLocalReading(text)).toBe(true);
        const read = times.startOf(at(text));
        // The same reading always, and the same moment unless an earlier one reads the same.
        expect(times.textOf(read)).toBe(text);
        expect(read <= ms && ms - read <= 2 * HOUR).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('takes a day for all of it, and the end of a range with its whole second', () => {
    const times = localTimes('Europe/Berlin');
    const day = at('2026-03-29');
    expect(times.endOf(day) + 1 - times.startOf(day)).toBe(DAY - HOUR);
    const second = at('2026-05-01 10:00:00');
    expect(times.endOf(second) - times.startOf(second)).toBe(999);
  });

  it.each(['2026-02-30', '2026-13-01', '2026-01-01 24:00:01', '2026-1-1', '2026-01-01T00:00:00', 'now', ''])(
    'refuses %s',
    (text) => expect(isLocalReading(text)).toBe(false),
  );

  it('knows which zones there are', () => {
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    expect(isTimeZone(systemTimeZone())).toBe(true);
  });
});
