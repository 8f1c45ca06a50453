/**
 * `yyyy-MM-dd HH:mm:ss`, the API's way to write times without a zone: one zone holds for all of them, in both directions.
 *
 * Where clocks go back, a reading happens twice; it is taken as the first. Where they go forward, some readings never
 * happen: such a one is taken as if the clock had not been put forward yet (02:30 in the gap becomes 03:30), as
 * JavaScript and Temporal do.
 */
import { DAY } from '@croft/contract';

/** A reading as a client sends it, checked in shape only: `yyyy-MM-dd` with or without `HH:mm:ss`. */
export type LocalReading = string & { readonly isLocalReading: true };

export interface LocalTimes {
  /** IANA name of the zone. */
  readonly zone: string;
  /** The first millisecond of the reading, since 1970; a day without a time begins at 00:00:00. */
  startOf(reading: LocalReading): number;
  /** Its last millisecond: both ends of a range belong to it. A day without a time ends at 23:59:59. */
  endOf(reading: LocalReading): number;
  /** Milliseconds since 1970 as `yyyy-MM-dd HH:mm:ss`. */
  textOf(ms: number): string;
}

const READING = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d))?$/;
const LAST_MS = 999;

/** Whether the text is a day of the calendar, with a time of day or without one. */
export function isLocalReading(text: string): text is LocalReading {
  const match = READING.exec(text);
  if (match === null) return false;
  const asUtc = new Date(`${match[1]}-${match[2]}-${match[3]}T${text.slice(11) || '00:00:00'}Z`);
  return !Number.isNaN(asUtc.getTime()) && asUtc.getUTCDate() === Number(match[3]);
}

/** Whether this runtime knows the zone. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The zone of the machine. */
export function systemTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Throws a RangeError for a zone that is none: whoever takes it from a user asks `isTimeZone` first. */
export function localTimes(zone: string): LocalTimes {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });

  function textOf(ms: number): string {
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = value;
    const { year = '', month, day, hour, minute, second } = parts;
    return `${year.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}`;
  }

  /** How far the zone's clocks are ahead of UTC at that moment. */
  const aheadAt = (ms: number) => readAsUtc(textOf(ms)) - Math.floor(ms / 1000) * 1000;

  function msOf(reading: string): number {
    const asUtc = readAsUtc(reading);
    // A zone changes its clocks once within two days at most: one of the two offsets is right, or the reading is in a gap.
    const before = aheadAt(asUtc - DAY);
    const after = aheadAt(asUtc + DAY);
    for (const ahead of [before, after]) if (aheadAt(asUtc - ahead) === ahead) return asUtc - ahead;
    return asUtc - before;
  }

  const hasTime = (reading: LocalReading) => reading.length > 'yyyy-MM-dd'.length;
  return {
    zone,
    startOf: (reading) => msOf(hasTime(reading) ? reading : `${reading} 00:00:00`),
    endOf: (reading) => msOf(hasTime(reading) ? reading : `${reading} 23:59:59`) + LAST_MS,
    textOf,
  };
}

function readAsUtc(reading: string): number {
  return Date.parse(`${reading.replace(' ', 'T')}Z`);
}
