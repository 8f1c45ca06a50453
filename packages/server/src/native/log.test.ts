/** Following a log over HTTP: every byte is read once, whatever characters it is cut between. */
import { mkdir, open } from 'node:fs/promises';
import { silentLog, systemClock } from '@croft/contract';
import { sha256Hex, signNative } from '@croft/contract/signing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttemptLogs } from '../node-link/attempt-logs.ts';
import { ACCESS_ID, aFrame, aTask, SECRET } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const TASK = 19097;
const FRAME = 4097;

let test: TestServer;
let attemptId = 100;
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask({ id: TASK }));
  test.farm.frames.push(aFrame({ id: FRAME }));
  test.farm.reads.newestAttempt = async () => ({ attemptId, taskId: TASK });
});
afterAll(() => test.close());

async function ask(query: string) {
  const target = `/api/v1/tasks/${TASK}/log?frame=${FRAME}${query}`;
  const headers = signNative({
    method: 'GET',
    host: `127.0.0.1:${test.server.port}`,
    target,
    accessId: ACCESS_ID,
    secret: SECRET,
    timestampSeconds: Math.floor(Date.now() / 1000),
    nonce: crypto.randomUUID(),
    bodySha256: sha256Hex(''),
  });
  const response = await fetch(`${test.server.url}${target}`, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const end = Number(response.headers.get('croft-log-end'));
  return { status: response.status, text, end, attempt: response.headers.get('croft-log-attempt') };
}

const since = ({ attempt, end }: { attempt: string | null; end: number }) =>
  `&attempt=${attempt}&from=${end}`;

/** Appends bytes as they come from a node whose messages may end anywhere. */
async function append(offset: number, bytes: Uint8Array): Promise<void> {
  await mkdir(`${test.home}/logs/${TASK}`, { recursive: true });
  const file = await open(`${test.home}/logs/${TASK}/${attemptId}.log`, 'a');
  await file.write(bytes, 0, bytes.length, offset);
  await file.close();
}

describe('the log of a frame', () => {
  it('is followed by offset: the parts are the log, each byte once', async () => {
    const pieces = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 7 }), async (texts, step) => {
        attemptId += 1;
        const whole = Buffer.from(texts.join('\n'));
        let part = await ask('');
        let shown = part.text;
        for (let at = 0; at < whole.length; at += step) {
          await append(at, whole.subarray(at, at + step));
          part = await ask(since(part));
          shown += part.text;
        }
        expect(shown).toBe(whole.toString());
        expect((await ask(since(part))).text).toBe('');
      }),
      { numRuns: 20 },
    );
  });

  it('of another attempt comes from its start', async () => {
    attemptId += 1;
    await append(0, Buffer.from('first attempt'));
    const part = await ask('');
    expect(part).toMatchObject({ status: 200, text: 'first attempt', end: 13, attempt: String(attemptId) });
    attemptId += 1;
    await append(0, Buffer.from('second'));
    expect(await ask(since(part))).toMatchObject({ text: 'second', end: 6, attempt: String(attemptId) });
  });

  it('can be had from its end on, with whole characters', async () => {
    attemptId += 1;
    await append(0, Buffer.from('aä水🔥z'));
    for (const [last, text] of [
      [0, ''],
      [1, 'z'],
      [2, 'z'],
      [4, 'z'],
      [5, '🔥z'],
      [8, '水🔥z'],
      [9, '水🔥z'],
      [100, 'aä水🔥z'],
    ] as const)
      expect([last, (await ask(`&last=${last}`)).text]).toEqual([last, text]);
    expect((await ask('&from=9999')).text).toBe('');
    expect((await ask('&from=-1')).status).toBe(400);
  });

  it('is empty before one began', async () => {
    const logs = createAttemptLogs(test.home, systemClock, silentLog);
    attemptId += 1;
    expect(await logs.size(TASK, attemptId)).toBe(0);
    expect(await ask('')).toMatchObject({ status: 200, text: '', end: 0 });
  });
});
