import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CroftError } from './croft-error.ts';
import { countFrames, type FrameRun, formatFrames, parseFrames } from './frame-runs.ts';

const run = fc
  .record({
    first: fc.integer({ min: -400, max: 400 }),
    count: fc.integer({ min: 1, max: 40 }),
    step: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ first, count, step }) => ({
    first,
    last: first + (count - 1) * step,
    step: count === 1 ? 1 : step,
  }));

function framesOf(runs: readonly FrameRun[]): number[] {
  return runs.flatMap(({ first, last, step }) =>
    Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step),
  );
}

function refusal(expression: string): string {
  try {
    parseFrames(expression);
  } catch (thrown) {
    if (thrown instanceof CroftError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'accepted';
}

describe('parseFrames', () => {
  it.each([
    ['1-10', [{ first: 1, last: 10, step: 1 }]],
    ['0', [{ first: 0, last: 0, step: 1 }]],
    ['-5-5[2]', [{ first: -5, last: 5, step: 2 }]],
    ['-9--3[3]', [{ first: -9, last: -3, step: 3 }]],
    ['1-10[4]', [{ first: 1, last: 9, step: 4 }]],
    [
      '30-32, 1-10[2],20',
      [
        { first: 30, last: 32, step: 1 },
        { first: 1, last: 9, step: 2 },
        { first: 20, last: 20, step: 1 },
      ],
    ],
    [
      '1-9[2],2-10[2]',
      [
        { first: 1, last: 9, step: 2 },
        { first: 2, last: 10, step: 2 },
      ],
    ],
  ])('%s', (expression, runs) => expect(parseFrames(expression)).toEqual(runs));

  it.each([
    '',
    ',',
    '1,',
    'a',
    '1-',
    '5-1',
    '1-10[0]',
    '1-10[-2]',
    '5[2]',
    '1..3',
    '1e3',
    '１',
    '1048575',
    '1-99999999',
    '1-2-3',
  ])('refuses %j', (expression) => expect(refusal(expression)).toMatch(/^FRAMES_INVALID/));

  it.each(['1048575', '-1048575', '1-99999999'])('says of %s that there is no such frame', (expression) =>
    expect(refusal(expression)).toMatch(/beyond frame 1048574/),
  );

  it.each(['1,1', '1-10,10-20', '1-100,50', '1-9[2],9-20[5]', '0-100[6],3-100[9],4-100[8]'])(
    'refuses a frame twice: %s',
    (expression) => expect(refusal(expression)).toMatch(/asked for twice/),
  );

  it('finds a crossing that neighbours hide', () => {
    expect(refusal('0-1000[1000],1-5,999-1000')).toContain('frame 1000 is asked for twice');
  });

  it('accepts runs exactly when no frame comes twice', () => {
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
        const frames = framesOf(runs);
        const doubled = new Set(frames).size < frames.length;
        expect(refusal(formatFrames(runs)) === 'accepted').toBe(!doubled);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back what formatFrames wrote, and countFrames counts it', () => {
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
        expect(countFrames(runs)).toBe(framesOf(runs).length);
        if (refusal(formatFrames(runs)) === 'accepted') expect(parseFrames(formatFrames(runs))).toEqual(runs);
      }),
    );
  });

  it('stays bounded with 100,000 crossing runs', () => {
    const crossing = Array.from({ length: 99_999 }, (_, index) => `${index}-1048574[1048574]`).join(',');
    expect(refusal(crossing)).toBe('accepted');
    expect(refusal(`${crossing},0-1048574`)).toMatch(/twice/);
    expect(refusal('1,'.repeat(200_000))).toMatch(/too many parts/);
  });
});
