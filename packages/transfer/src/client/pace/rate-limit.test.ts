import { type Clock, KiB, SECOND } from '@croft/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transferErrors } from '../../errors.ts';
import { MAX_TRIES, sleep, waitAfter, withRetries } from '../wire/retry.ts';
import { CATCH_UP_MS, RateLimit } from './rate-limit.ts';

/** Jumps to the next timer as soon as somebody waits; so time is exact and no test waits. */
function jumpingClock(): Clock & { nowMs: number } {
  const clock = {
    nowMs: 0,
    now: () => clock.nowMs,
    after(delayMs: number, action: () => void) {
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        clock.nowMs += delayMs;
        action();
      });
      return () => {
        cancelled = true;
      };
    },
  };
  return clock;
}

function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

test('a limit of 100 KB/s lets 1,000 KB take ten seconds, the first of them as long as the last', async () => {
  const clock = jumpingClock();
  const limit = new RateLimit(clock, 100);
  const at: number[] = [];
  for (let sent = 0; sent < 1000; sent += 25) {
    await limit.take(25 * KiB);
    at.push(clock.nowMs);
  }
  expect(at[0]).toBeCloseTo(250, 3);
  expect(clock.nowMs).toBeCloseTo(10 * SECOND, 3);
  expect(limit.chunkBytes).toBe(25 * KiB);
  expect(() => new RateLimit(clock, 0)).toThrow(RangeError);
});

test('many short transfers one after the other keep the limit as one long one', async () => {
  const clock = jumpingClock();
  for (let transfer = 0; transfer < 50; transfer++) await new RateLimit(clock, 100).take(10 * KiB);
  expect(clock.nowMs).toBeCloseTo(5 * SECOND, 3);
});

test('idleness is not made good', async () => {
  const clock = jumpingClock();
  const limit = new RateLimit(clock, 100);
  await limit.take(10 * KiB);
  clock.nowMs += 60 * SECOND;
  const before = clock.nowMs;
  for (let sent = 0; sent < 100; sent += 10) await limit.take(10 * KiB);
  expect(clock.nowMs - before).toBeCloseTo(SECOND, 3);
});

test('what was paid and did not travel lets others go on sooner; who leaves pays nothing', async () => {
  const clock = new LateClock(() => 0);
  const limit = new RateLimit(clock, 100);
  const start = clock.nowMs;
  const at: number[] = [];
  const leaving = new AbortController();
  const take = (kib: number) => limit.take(kib * KiB).then(() => at.push(Math.round(clock.nowMs - start)));
  void take(100);
  const left = limit.take(1000 * KiB, leaving.signal);
  void take(100);
  void take(50);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'TRANSFER_INTERRUPTED' });
  await clock.runUntil(start + 1000);
  expect(at).toEqual([1000]);
  limit.giveBack(60 * KiB);
  limit.owe(10 * KiB);
  await clock.runUntil(start + 5000);
  expect(at).toEqual([1000, 1500, 2000]);
});

test('what was received passes in the order and at the pace of the limit', async () => {
  const clock = jumpingClock();
  const limit = new RateLimit(clock, 64);
  const chunk = Uint8Array.from({ length: 64 * KiB }, (_, index) => index % 251);
  const pieces: Uint8Array[] = [];
  for await (const piece of limit.through(chunk)) pieces.push(piece);
  expect(Buffer.compare(Buffer.concat(pieces), chunk)).toBe(0);
  expect(pieces.length).toBe(4);
  expect(clock.nowMs).toBeCloseTo(SECOND, 3);
});

test('slow limits ask for little at once, since the other side sends it as fast as it can', () => {
  const clock = jumpingClock();
  const asked = [1, 500, 2000, 20_000, 1_048_576].map((kbps) => new RateLimit(clock, kbps).askBytes);
  expect(asked).toEqual([32 * KiB, 128_000, 512_000, 5_120_000, null]);
});

/** Timers run late by what `lateMs` says; between two timers everything else comes to rest. */
class LateClock implements Clock {
  nowMs = 1_800_000_000_000;
  readonly #lateMs: () => number;
  #timers: { at: number; action: () => void }[] = [];

  constructor(lateMs: () => number) {
    this.#lateMs = lateMs;
  }
  now(): number {
    return Math.floor(this.nowMs);
  }
  after(delayMs: number, action: () => void): () => void {
    const timer = { at: this.nowMs + Math.trunc(delayMs) + this.#lateMs(), action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      this.#timers.sort((a, b) => b.at - a.at);
      const next = this.#timers.at(-1);
      if (next === undefined || next.at > endMs) return;
      this.#timers.pop();
      this.nowMs = Math.max(this.nowMs, next.at);
      next.action();
    }
  }
}

test('over any five seconds 95 % of the limit pass and no more than it and a chunk, with late timers, however many send', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        kbps: fc.integer({ min: 20, max: 50_000 }),
        lanes: fc.integer({ min: 1, max: 6 }),
        chunkShare: fc.double({ min: 0.3, max: 1, noNaN: true }),
        lateMs: fc.integer({ min: 0, max: 12 }),
        workMs: fc.integer({ min: 0, max: 5 }),
        seed: fc.integer(),
      }),
      async ({ kbps, lanes, chunkShare, lateMs, workMs, seed }) => {
        const random = seeded(seed);
        const clock = new LateClock(() => random() * lateMs);
        const limit = new RateLimit(clock, kbps);
        const most = limit.chunkBytes;
        // Always something to send: who is busy with each chunk for longer than it may take cannot keep the pace.
        const least = most * chunkShare;
        fc.pre((lanes * least) / (workMs + lateMs + 1) > (2 * kbps * KiB) / 1000);
        const start = clock.nowMs;
        const end = start + 16 * SECOND;
        const passed: { at: number; bytes: number }[] = [];
        const lane = async () => {
          for (;;) {
            const bytes = Math.ceil(least + (most - least) * random());
            await limit.take(bytes);
            passed.push({ at: clock.nowMs, bytes });
            if (workMs > 0) await sleep(clock, random() * workMs);
          }
        };
        for (let number = 0; number < lanes; number++) void lane();
        await clock.runUntil(end);
        const bytesPerMs = (kbps * KiB) / 1000;
        const windowMs = 5 * SECOND;
        for (let from = start; from <= end - windowMs; from += 250) {
          const inWindow = passed.filter(({ at }) => at > from && at <= from + windowMs);
          const bytes = inWindow.reduce((sum, one) => sum + one.bytes, 0);
          expect(bytes).toBeLessThanOrEqual(bytesPerMs * (windowMs + CATCH_UP_MS + lateMs + 1) + most);
          expect(bytes).toBeGreaterThanOrEqual(bytesPerMs * windowMs * 0.95 - most);
        }
        const all = passed.reduce((sum, one) => sum + one.bytes, 0);
        expect(all).toBeLessThanOrEqual(bytesPerMs * (end - start + 1));
      },
    ),
    { numRuns: 40 },
  );
});

test('retries are bounded, grow, and are for passing errors only', async () => {
  const clock = jumpingClock();
  const waits: number[] = [];
  let tries = 0;
  const failing = withRetries(
    clock,
    undefined,
    async () => {
      tries++;
      throw transferErrors.TRANSFER_UNREACHABLE('away');
    },
    (_error, _tried, waitMs) => waits.push(waitMs),
  );
  await expect(failing).rejects.toMatchObject({ code: 'TRANSFER_UNREACHABLE' });
  expect(tries).toBe(MAX_TRIES);
  for (const [index, waitMs] of waits.entries()) {
    const whole = Math.min(20 * SECOND, 0.2 * SECOND * 2 ** index);
    expect(waitMs).toBeGreaterThanOrEqual(whole / 2);
    expect(waitMs).toBeLessThanOrEqual(whole);
  }
  expect(waitAfter(100)).toBeLessThanOrEqual(20 * SECOND);
  tries = 0;
  const final = withRetries(
    clock,
    undefined,
    async () => {
      tries++;
      throw transferErrors.TRANSFER_BLOB_CORRUPT('damaged');
    },
    () => undefined,
  );
  await expect(final).rejects.toMatchObject({ code: 'TRANSFER_BLOB_CORRUPT' });
  expect(tries).toBe(1);
});
