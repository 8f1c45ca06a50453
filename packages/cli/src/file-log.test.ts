import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KiB, systemClock } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileLog } from './file-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'croft-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () =>
  openFileLog({
    file: path.join(folder, 'farm.log'),
    level: 'info',
    clock: systemClock,
    onWarning: () => {},
    largestFileBytes: 8 * KiB,
  });
const linesOf = (name: string) =>
  readFileSync(path.join(folder, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { number: number });

test('a log that runs on keeps its newest files, each whole, without a lost or doubled line', async () => {
  const log = open();
  for (let number = 0; number < 1000; number++) {
    log.info({ number }, 'a line');
    if (number % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
  const names = readdirSync(folder).sort();
  expect(names).toEqual(['farm.log', 'farm.log.1', 'farm.log.2', 'farm.log.3']);
  const numbers = ['farm.log.3', 'farm.log.2', 'farm.log.1', 'farm.log'].flatMap((name) =>
    linesOf(name).map(({ number }) => number),
  );
  const first = numbers[0]!;
  expect(numbers).toEqual(Array.from({ length: 1000 - first }, (_, index) => first + index));
  expect(first).toBeGreaterThan(0);
});

test('one that was full before is put aside at the start; a short one goes on', async () => {
  writeFileSync(path.join(folder, 'farm.log'), 'x'.repeat(9 * KiB));
  const log = open();
  log.info({ number: 1 }, 'new');
  await log.close();
  const again = open();
  again.info({ number: 2 }, 'more');
  await again.close();
  expect(linesOf('farm.log').map(({ number }) => number)).toEqual([1, 2]);
});
