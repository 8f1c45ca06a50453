/** How often one may call, how long a body may be, and that a long one holds up nobody. */
import { type ClientRequest, request as httpRequest } from 'node:http';
import { MiB } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aTask } from '../testing/farm-double.ts';
import { type Envelope, signedCall, startTestServer, type TestServer } from '../testing/test-server.ts';

const PROFILE = '/api/render/setUp/queryUserProfile';
const JSON_FILE = '/api/render/submit/taskJsonFile';
const file = (content: string) => ({ taskId: 19097, fileName: 'asset.json', content });

describe('calls of one key', () => {
  it('beyond the rate are refused with 400 until there is room; a pause makes some', async () => {
    const test = await startTestServer({ callsPerSecond: 2 });
    try {
      for (let retry = 0; retry < 5; retry++)
        expect((await test.call(PROFILE, {}, { secret: 'wrong' })).code).toBe(611);
      const codes: number[] = [];
      for (let call = 0; call < 12; call++) codes.push((await test.call(PROFILE)).code);
      expect(codes.slice(0, 5)).toEqual(Array(5).fill(200));
      const refused = await test.call(PROFILE);
      expect(refused).toMatchObject({ code: 400, message: 'apierror', data: null, result: false });
      expect(refused.detail).toMatch(/calls too often/);
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect((await test.call(PROFILE)).code).toBe(200);
    } finally {
      await test.close();
    }
  });

  it('are told with 429 and when to come again at the native API', async () => {
    const test = await startTestServer({ callsPerSecond: 1 });
    try {
      const statuses: number[] = [];
      let retryAfter: string | null = null;
      for (let call = 0; call < 7; call++) {
        const response = await fetch(`${test.server.url}/api/v1/tasks`);
        statuses.push(response.status);
        retryAfter = response.headers.get('retry-after');
      }
      expect(statuses.slice(0, 5)).toEqual(Array(5).fill(401));
      expect(statuses.at(-1)).toBe(429);
      expect(retryAfter).toBe('1');
    } finally {
      await test.close();
    }
  });
});

describe('long bodies', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer({ callsPerSecond: 0 });
    test.farm.tasks.push(aTask());
  });
  afterAll(() => test.close());

  /** Announces a body and sends none of it. */
  function announce(
    path: string,
    bytes: number,
    { accessId, from }: { accessId?: string; from?: string } = {},
  ): { call: ClientRequest; code: Promise<number> } {
    const options = accessId === undefined ? {} : { accessId };
    const { headers } = signedCall(`127.0.0.1:${test.server.port}`, path, {}, options);
    const here = { port: test.server.port, host: '127.0.0.1', method: 'POST', path };
    const to = from === undefined ? here : { ...here, localAddress: from };
    const call = httpRequest({ ...to, headers: { ...headers, 'content-length': bytes } });
    const code = new Promise<number>((resolve) => {
      call.on('response', async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part as Buffer);
        resolve((JSON.parse(Buffer.concat(parts).toString()) as Envelope).code);
      });
      call.on('error', () => resolve(0));
    });
    call.flushHeaders();
    return { call, code };
  }

  it('are not received from unknown keys', async () => {
    const { call, code } = announce(JSON_FILE, 20 * MiB, { accessId: 'AKunknown' });
    expect(await code).toBe(611);
    call.destroy();
  });

  it('are proven and read as short ones are, and refused like them', async () => {
    const content = JSON.stringify({ text: 'Grüße "quoted" \\ and more '.repeat(20_000) });
    expect((await test.call(JSON_FILE, file(content))).code).toBe(200);
    expect(test.farm.heard.at(-1)).toMatchObject({
      name: 'putTaskFile',
      args: [10001, 19097, 'asset.json', content],
    });
    const heard = test.farm.heard.length;
    expect((await test.call(JSON_FILE, file(content), { secret: 'wrong' })).code).toBe(611);
    const broken = `{"taskId": 19097, "content": "${'x'.repeat(1 * MiB)}`;
    expect((await test.call(JSON_FILE, {}, { bodyText: broken })).code).toBe(603);
    const many = `[${'1,'.repeat(300_000)}1]`;
    expect((await test.call(JSON_FILE, {}, { bodyText: many })).code).toBe(603);
    expect(test.farm.heard.length).toBe(heard);
  });

  it('hold up nobody while they are proven', async () => {
    const bodyText = JSON.stringify(file(JSON.stringify({ text: '"quoted" \\ '.repeat(400_000) })));
    const order: string[] = [];
    const long = test.call(JSON_FILE, {}, { bodyText }).then(({ code }) => order.push(`long ${code}`));
    // Once the body has arrived, its proof takes hundreds of milliseconds; short calls pass meanwhile.
    const short = async () => {
      for (let call = 0; call < 5; call++) expect((await test.call(PROFILE)).code).toBe(200);
      order.push('short');
    };
    await Promise.all([long, short()]);
    expect(order).toEqual(['short', 'long 611']);
  });

  it('have room for so many bytes together and of one sender, which comes back with their connections', async () => {
    const settled = () => new Promise((resolve) => setTimeout(resolve, 100));
    const held = [2, 3, 4, 5].flatMap((host) => {
      const from = `127.0.0.${host}`;
      return [announce(JSON_FILE, 24 * MiB, { from }), announce(JSON_FILE, 24 * MiB, { from })];
    });
    await settled();
    expect(await announce(JSON_FILE, 24 * MiB, { from: '127.0.0.9' }).code).toBe(400);
    expect((await test.call(PROFILE)).code).toBe(200);
    for (const { call } of held) call.destroy();
    await expect.poll(async () => (await test.call(JSON_FILE, file('x'.repeat(1 * MiB)))).code).toBe(200);

    const greedy = [1, 2].map(() => announce(JSON_FILE, 24 * MiB, { from: '127.0.0.2' }));
    await settled();
    expect(await announce(JSON_FILE, 24 * MiB, { from: '127.0.0.2' }).code).toBe(400);
    expect((await test.call(JSON_FILE, file('x'.repeat(1 * MiB)))).code).toBe(200);
    for (const { call } of greedy) call.destroy();
  });
});
