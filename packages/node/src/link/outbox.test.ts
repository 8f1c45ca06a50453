import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeReport } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

let folder: string;
let outbox: Outbox;
const started = (attemptId: number): NodeReport => ({ kind: 'attempt-started', attemptId, at: 1 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'croft-outbox-'));
  outbox = new Outbox(join(folder, 'outbox.db'));
});
afterEach(() => {
  outbox.close();
  rmSync(folder, { recursive: true });
});

function reopen(): void {
  outbox.close();
  outbox = new Outbox(join(folder, 'outbox.db'));
}

test('reports stay in order until they are accepted, over restarts, and no seq is used twice', () => {
  expect([1, 2, 3].map((id) => outbox.append(started(id)))).toEqual([1, 2, 3]);
  outbox.accepted(2);
  outbox.accepted(3);
  reopen();
  expect(outbox.append(started(4))).toBe(4);
  expect(outbox.after(0, 10).map((entry) => [entry.seq, entry.report.attemptId])).toEqual([
    [1, 1],
    [4, 4],
  ]);
  expect(outbox.after(1, 10).map((entry) => entry.seq)).toEqual([4]);
  expect(outbox.attempts()).toEqual([1, 4]);
  for (const seq of [1, 4]) outbox.accepted(seq);
  expect(outbox.isEmpty).toBe(true);
});

test('after a death each attempt that has reports but no end gets one end', () => {
  outbox.append(started(7));
  outbox.append(started(8));
  outbox.append({ kind: 'attempt-ended', attemptId: 8, at: 2, reason: null });
  outbox.endOrphans(3);
  outbox.endOrphans(4);
  const ends = outbox.after(0, 10).filter((entry) => entry.report.kind === 'attempt-ended');
  expect(ends.map((entry) => entry.report.attemptId)).toEqual([8, 7]);
});
