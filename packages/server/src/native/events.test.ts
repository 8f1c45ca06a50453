import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '@croft/contract';
import { sha256Hex, signNative } from '@croft/contract/signing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ACCESS_ID, SECRET } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let test: TestServer;
let aheadMs = 0;
/** Heartbeats come every few milliseconds; time itself is real, and can be put ahead. */
const clock: Clock = {
  now: () => systemClock.now() + aheadMs,
  after: (ms, action) => systemClock.after(ms === 15_000 ? 5 : ms, action),
};
beforeEach(async () => {
  aheadMs = 0;
  test = await startTestServer({ clock });
});
afterEach(() => test.close());

it('an event stream ends when the key that signed it is disabled', async () => {
  const target = '/api/v1/events';
  const headers = signNative({
    method: 'GET',
    host: `127.0.0.1:${test.server.port}`,
    target,
    accessId: ACCESS_ID,
    secret: SECRET,
    timestampSeconds: Math.floor(Date.now() / 1000),
    nonce: randomBytes(12).toString('hex'),
    bodySha256: sha256Hex(''),
  });
  const response = await fetch(test.server.url + target, { headers });
  expect(response.status).toBe(200);
  let text = '';
  const ended = (async () => {
    for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
    return 'ended';
  })();
  await expect.poll(() => text).toContain('still here');
  test.farm.calls.keySecret = async () => null;
  aheadMs = 6000;
  expect(await ended).toBe('ended');
});
