/** What the pair of storage id and account id opens at the transfer door, and what guessing gets. */
import { createHash } from 'node:crypto';
import { type Clock, HEADER_ACCOUNT, HEADER_STORAGE, MINUTE, systemClock } from '@croft/contract';
import { signNative } from '@croft/contract/signing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_ID, ACCOUNT, CONFIG_BID, INPUT_BID, OUTPUT_BID, SECRET } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let test: TestServer;
let now = systemClock.now();
const clock: Clock = { now: () => now, after: systemClock.after };
beforeAll(async () => {
  test = await startTestServer({ clock });
  const bytes = Buffer.from('hello');
  test.farm.entries.push({ path: '/a/x.txt', id: await test.store(bytes), size: bytes.length, mtimeMs: 1 });
});
beforeEach(() => {
  now += MINUTE + 1;
});
afterAll(() => test.close());

const mine = String(ACCOUNT.accountId);
const pair = (bid: string, account = mine) => ({ [HEADER_STORAGE]: bid, [HEADER_ACCOUNT]: account });
const hello = `sha256-${createHash('sha256').update('hello').digest('hex')}`;

async function ask(
  method: string,
  target: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; code?: string; text: string }> {
  const response = await fetch(`${test.server.url}/transfer/v1${target}`, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/x-ndjson', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const code = response.ok ? undefined : (JSON.parse(text) as { code: string }).code;
  return { status: response.status, text, ...(code === undefined ? {} : { code }) };
}

describe('a storage id with its account', () => {
  it.each([
    [CONFIG_BID, 'config'],
    [INPUT_BID, 'input'],
    [OUTPUT_BID, 'output'],
  ])('%s says which storage it is', async (bid, root) => {
    const answer = await ask('GET', '/storage', pair(bid));
    expect(JSON.parse(answer.text)).toEqual({ root });
  });

  const entry = `${JSON.stringify({ path: '/a/x.txt', id: hello, size: 5, mtimeMs: 1 })}\n`;
  const question = `${JSON.stringify([hello, 5])}\n`;
  it.each([
    // storage, send bytes, commit, list, read
    ['config', CONFIG_BID, 200, 200, 403, 403],
    ['input', INPUT_BID, 200, 200, 200, 200],
    ['output', OUTPUT_BID, 403, 403, 200, 200],
  ] as const)('opens of %s what its kind allows', async (root, bid, send, commit, list, read) => {
    const headers = pair(bid);
    expect((await ask('POST', '/missing', headers, question)).status).toBe(send);
    expect((await ask('PUT', `/blobs/${hello}?size=5`, headers, 'hello')).status).toBe(send);
    expect((await ask('POST', `/trees/${root}/commit`, headers, entry)).status).toBe(commit);
    expect((await ask('GET', `/trees/${root}`, headers)).status).toBe(list);
    expect((await ask('GET', `/trees/${root}/file?path=/a/x.txt`, headers)).status).toBe(read);
  });

  it.each([
    [CONFIG_BID, 'input'],
    [INPUT_BID, 'config'],
    [INPUT_BID, 'output'],
    [OUTPUT_BID, 'input'],
  ])('%s opens nothing of the %s storage', async (bid, root) => {
    const headers = pair(bid);
    expect(await ask('GET', `/trees/${root}`, headers)).toMatchObject({ code: 'TRANSFER_NOT_ALLOWED' });
    expect(await ask('POST', `/trees/${root}/commit`, headers, entry)).toMatchObject({
      code: 'TRANSFER_NOT_ALLOWED',
    });
    expect(await ask('GET', `/trees/${root}/file?path=/a/x.txt`, headers)).toMatchObject({ status: 403 });
  });

  it('opens nothing that is for nodes, and no other door', async () => {
    expect(await ask('GET', '/attempts/inputs', pair(INPUT_BID))).toMatchObject({ status: 403 });
    expect(await ask('GET', `/blobs/${hello}`, pair(INPUT_BID))).toMatchObject({ status: 403 });
    const native = await fetch(`${test.server.url}/api/v1/tasks`, { headers: pair(INPUT_BID) });
    expect(native.status).toBe(401);
  });

  it('may be signed too, by the account itself and nobody else', async () => {
    const signed = (secret: string) =>
      signNative({
        method: 'GET',
        host: `127.0.0.1:${test.server.port}`,
        target: '/transfer/v1/storage',
        accessId: ACCESS_ID,
        secret,
        timestampSeconds: Math.floor(now / 1000),
        nonce: String(now),
        bodySha256: createHash('sha256').digest('hex'),
      });
    expect(await ask('GET', '/storage', { ...pair(INPUT_BID), ...signed(SECRET) })).toMatchObject({
      status: 200,
    });
    expect(await ask('GET', '/storage', { ...pair(INPUT_BID), ...signed('another') })).toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });
});

describe('a pair that does not belong together', () => {
  beforeAll(async () => {
    // A fresh server, which has not seen a right pair yet.
    await test.close();
    test = await startTestServer({ clock });
  });

  it.each([
    ['a foreign account', INPUT_BID, '10002'],
    ['an unknown id', '999999999999999999', mine],
    ['no digits', 'input', mine],
    ['a leading zero', '000000000000000001', mine],
    ['no account', INPUT_BID, ''],
    ['an endless account', INPUT_BID, '9'.repeat(400)],
  ])('%s is refused with the same words', async (_, bid, account) => {
    const answer = await ask('GET', '/storage', pair(bid, account));
    expect(answer).toMatchObject({ status: 403, code: 'TRANSFER_STORAGE_REFUSED' });
    expect(answer.text).not.toContain(bid);
  });

  it('is refused where half of it is missing', async () => {
    expect(await ask('GET', '/storage', { [HEADER_STORAGE]: INPUT_BID })).toMatchObject({
      code: 'TRANSFER_STORAGE_REFUSED',
    });
    expect(await ask('GET', '/storage', { [HEADER_ACCOUNT]: mine })).toMatchObject({
      code: 'TRANSFER_STORAGE_REFUSED',
    });
  });

  it('is worth ten guesses a minute and address, and then even a right one waits', async () => {
    const wrong = () => ask('GET', '/storage', pair('999999999999999999'));
    const answers = await Promise.all(Array.from({ length: 15 }, wrong));
    expect(answers.filter(({ code }) => code === 'TRANSFER_STORAGE_REFUSED')).toHaveLength(10);
    expect(await wrong()).toMatchObject({ status: 429, code: 'NATIVE_TOO_MANY_FAILURES' });
    expect(await ask('GET', '/storage', pair(INPUT_BID))).toMatchObject({ status: 429 });
    now += MINUTE;
    expect(await ask('GET', '/storage', pair(INPUT_BID))).toMatchObject({ status: 200 });
  });

  it('stops nobody whose pair was right before, and many at once are no guesses', async () => {
    const right = () => ask('GET', '/storage', pair(INPUT_BID));
    expect((await right()).status).toBe(200);
    for (let guess = 0; guess < 12; guess++) await ask('GET', '/storage', pair('999999999999999999'));
    now += MINUTE / 2 + 1;
    const answers = await Promise.all(Array.from({ length: 30 }, right));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});
