/** Pages of a log, for any text: put together they are the log, and none shows half a character. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_PAGE_BYTES, logPage, pageIndex } from './log-page.ts';

const pages = async (log: Buffer) => {
  const read = async (offset: number, length: number) => log.subarray(offset, offset + length);
  const count = Math.ceil(log.length / LOG_PAGE_BYTES);
  return Promise.all(Array.from({ length: count }, (_, index) => logPage(index, read)));
};

describe('pages of a log', () => {
  it('make up the log, for any text', async () => {
    const near = fc.integer({ min: LOG_PAGE_BYTES - 8, max: LOG_PAGE_BYTES + 8 });
    await fc.assert(
      fc.asyncProperty(near, fc.string({ unit: 'grapheme', maxLength: 40 }), async (before, text) => {
        const whole = 'x'.repeat(before) + text + 'y'.repeat(LOG_PAGE_BYTES) + text;
        expect((await pages(Buffer.from(whole))).join('')).toBe(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('count from 0; of a single one both 0 and 1 mean it', () => {
    expect([pageIndex(0, 1), pageIndex(1, 1), pageIndex(2, 1)]).toEqual([0, 0, 2]);
    expect([pageIndex(0, 2), pageIndex(1, 2)]).toEqual([0, 1]);
  });
});
