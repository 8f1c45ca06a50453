import { randomBytes } from 'node:crypto';
import { type Clock, MiB, SECOND } from '@croft/contract';
import { expect, test } from 'vitest';
import { WireCompression } from '../wire/wire-compression.ts';
import { LinkRate } from './link-rate.ts';
import { RateLimit } from './rate-limit.ts';

function handClock(): Clock & { nowMs: number } {
  const clock = { nowMs: 0, now: () => clock.nowMs, after: () => () => undefined };
  return clock;
}

/** One body of `bytes` that takes `ms`. */
function pass(clock: { nowMs: number }, rate: LinkRate, bytes: number, ms: number): void {
  const measured = rate.begin();
  clock.nowMs += ms;
  measured.moved(bytes);
  measured.end();
}

test('only the time in which bytes go counts, and connections count together', () => {
  const clock = handClock();
  const rate = new LinkRate(clock);
  expect(rate.bytesPerMs).toBeNull();
  const [one, other] = [rate.begin(), rate.begin()];
  clock.nowMs += SECOND;
  one.moved(30 * MiB);
  other.moved(20 * MiB);
  one.end();
  other.end();
  clock.nowMs += 100 * SECOND;
  expect(rate.bytesPerMs).toBeCloseTo((50 * MiB) / SECOND);
});

test('what was measured long ago counts less', () => {
  const clock = handClock();
  const rate = new LinkRate(clock);
  for (let body = 0; body < 20; body++) pass(clock, rate, 64 * MiB, 100);
  for (let body = 0; body < 20; body++) pass(clock, rate, 64 * MiB, 10 * SECOND);
  expect(rate.bytesPerMs).toBeLessThan((64 * MiB * 1.1) / (10 * SECOND));
});

test('on the way up, auto compresses until the link is known to be faster than its own compressor is just then', async () => {
  const clock = handClock();
  const travels = async (wire: WireCompression, bytes: Buffer) => {
    wire.notice({ header: (name: string) => (name === 'accept-encoding' ? 'zstd' : null) } as never);
    const body = { pieces: [bytes], type: 'x', isContent: true, bytes: bytes.length };
    return (await wire.shortened(body, undefined)).plainBytes === undefined ? 'plain' : 'compressed';
  };
  const text = Buffer.alloc(8 * MiB, 'points and indices ');
  const far = new WireCompression('auto', false, clock);
  expect(await travels(far, text), 'nothing is known').toBe('compressed');
  expect(await travels(far, randomBytes(8 * MiB)), 'what does not shrink').toBe('plain');
  // No time passed in the compressor, so it counts as one that makes 8 MiB in a millisecond.
  pass(clock, far.up, 100 * MiB, 10 * SECOND);
  expect(await travels(far, text), '10 MB/s').toBe('compressed');
  for (let body = 0; body < 20; body++) pass(clock, far.up, 1024 * MiB, 50);
  expect(await travels(far, text), 'a link that is faster').toBe('plain');
  for (let body = 0; body < 20; body++) pass(clock, far.up, 128 * MiB, 10 * SECOND);
  expect(await travels(far, text), 'and slow again').toBe('compressed');
  expect(await travels(new WireCompression('auto', true, clock), text), 'loopback').toBe('plain');
});

test('on the way down, auto asks for compressed bytes once the link is known to be slow; never over loopback without a limit', () => {
  const clock = handClock();
  const asked = { method: 'GET', target: '/x', wantsContent: true } as const;
  const isWanted = (wire: WireCompression, request = {}) =>
    'accept-encoding' in wire.headersFor({ ...asked, ...request });
  const far = new WireCompression('auto', false, clock);
  expect(isWanted(far), 'not measured yet').toBe(false);
  pass(clock, far.down, 100 * MiB, 10 * SECOND);
  expect(isWanted(far), '10 MB/s').toBe(true);
  expect(isWanted(far, { wantsContent: false }), 'a list').toBe(false);
  for (let body = 0; body < 20; body++) pass(clock, far.down, 500 * MiB, 500);
  expect(isWanted(far), '1 GB/s').toBe(false);
  const near = new WireCompression('auto', true, clock);
  pass(clock, near.down, 100 * MiB, 10 * SECOND);
  expect(isWanted(near), 'loopback').toBe(false);
  expect(isWanted(near, { limit: new RateLimit(clock, 1000) }), 'a limit').toBe(true);
  expect(isWanted(new WireCompression('always', true, clock))).toBe(true);
  expect(isWanted(new WireCompression('never', false, clock), { limit: new RateLimit(clock, 1000) })).toBe(
    false,
  );
});
