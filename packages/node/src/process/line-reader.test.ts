import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_LINE_BYTES, readLines } from './line-reader.ts';

async function linesOf(chunks: Buffer[]): Promise<string[]> {
  const lines: string[] = [];
  const stream = Readable.from(chunks, { objectMode: true });
  readLines(stream, (line) => lines.push(line));
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}

test('however bytes are cut into chunks, the lines are the same', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 20 }),
      fc.array(fc.nat(40), { maxLength: 30 }),
      async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
        }
        expect(await linesOf([...chunks, bytes.subarray(at)])).toEqual(lines);
      },
    ),
    { numRuns: 50 },
  );
});

test('a line that never ends is cut, and the next one is whole again', async () => {
  const flood = Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'x'));
  const [long = '', next] = await linesOf([...flood, Buffer.from('\r\nnext\r\n')]);
  expect(long).toHaveLength(LONGEST_LINE_BYTES);
  expect(next).toBe('next');
});
