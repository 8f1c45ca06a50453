import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AttemptLogs, createAttemptLogs, MOST_LOG_BYTES } from './attempt-logs.ts';

let home: string;
let logs: AttemptLogs;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-logs-'));
  logs = createAttemptLogs(home, systemClock, silentLog);
  await logs.begin(7, 100, 'node-1');
});
afterEach(() => rm(home, { recursive: true }));

it('only the node of the attempt writes its log, at its offset, up to the bound', async () => {
  expect(await logs.write('node-1', 7, 0, 'hello world')).toBe(true);
  expect(await logs.write('node-1', 7, 6, 'again')).toBe(true);
  expect(await logs.write('node-2', 7, 0, 'stranger')).toBe(false);
  expect(await logs.write('node-1', 8, 0, 'unknown')).toBe(false);
  expect(await logs.write('node-1', 7, MOST_LOG_BYTES, 'too far')).toBe(false);
  expect(await logs.write('node-1', 7, Number.MAX_SAFE_INTEGER, 'too far')).toBe(false);
  expect(String(await logs.read(100, 7, 0, 100))).toBe('hello again');
});

it('the logs of a deleted task are gone, and stay gone', async () => {
  await logs.write('node-1', 7, 0, 'text');
  await logs.begin(9, 101, 'node-1');
  await logs.write('node-1', 9, 0, 'other task');
  await logs.forgetTask(100);
  expect(await logs.write('node-1', 7, 4, 'late words')).toBe(false);
  expect((await readdir(join(home, 'logs'))).sort()).toEqual(['101', 'live']);
  expect(await readdir(join(home, 'logs', 'live'))).toEqual(['9.json']);
});
