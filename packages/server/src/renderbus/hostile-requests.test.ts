/** What a stranger, a broken client or one with a stolen pen may send: always an envelope with the right code, never more. */
import { request as httpRequest } from 'node:http';
import { API_CODES, MiB } from '@croft/contract';
import { parseRawJson, renderbusSignature, renderbusStringToSign } from '@croft/contract/signing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_ID, ACCOUNT, aTask, SECRET } from '../testing/farm-double.ts';
import { type Envelope, startTestServer, type TestServer } from '../testing/test-server.ts';

const STOP = '/api/render/handle/stopTask';
const PROFILE = '/api/render/setUp/queryUserProfile';

let test: TestServer;
let nonce = 100_000;
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask());
});
afterAll(() => test.close());

interface Sent {
  path?: string;
  /** What goes over the wire. */
  body: string | Uint8Array;
  /** What is signed; the same where nothing is said. */
  signedBody?: string;
  headers?: Record<string, string>;
}

/** Signs the text of a body, byte for byte, and sends it. */
function send({ path = STOP, body, signedBody, headers = {} }: Sent): Promise<Envelope> {
  nonce += 1;
  const signed: Record<string, string> = {
    accessId: ACCESS_ID,
    channel: '4',
    platform: '2',
    UTCTimestamp: String(Math.floor(Date.now() / 1000)),
    nonce: String(nonce),
    version: '2.0.0',
  };
  const bytes = Buffer.from(body);
  const text = renderbusStringToSign({
    domain: `127.0.0.1:${test.server.port}`,
    path,
    headers: signed,
    body: parseRawJson(Buffer.from(signedBody ?? bytes.toString())),
  });
  signed.signature = renderbusSignature(text, SECRET);
  return post(path, bytes, { ...signed, ...headers });
}

function post(path: string, bytes: Buffer, headers: Record<string, string>): Promise<Envelope> {
  return new Promise((done, fail) => {
    const to = { port: test.server.port, host: '127.0.0.1', method: 'POST', path };
    const call = httpRequest({ ...to, headers: { ...headers, 'content-length': bytes.length } }, (reply) => {
      const parts: Buffer[] = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('end', () => {
        expect(reply.statusCode).toBe(200);
        done(JSON.parse(Buffer.concat(parts).toString()) as Envelope);
      });
    });
    call.on('error', fail);
    call.end(bytes);
  });
}

const code = async (sent: Sent) => (await send(sent)).code;
const heard = () => test.farm.heard.at(-1);

describe('keys that come twice', () => {
  const body = '{"taskIds": [5], "taskIds": [19097]}';
  it('are read as Python reads them: the last one counts, for the signature and for the call', async () => {
    expect(await code({ body })).toBe(200);
    expect(heard()).toEqual({ name: 'stopTasks', args: [ACCOUNT.accountId, [19097]] });
  });

  it('cannot carry one value past the signature of another', async () => {
    const before = test.farm.heard.length;
    expect(await code({ body, signedBody: '{"taskIds": [5]}' })).toBe(611);
    expect(await code({ body: '{"taskIds": [19097]}', signedBody: '{"taskIds": ["19097", 1]}' })).toBe(611);
    expect(test.farm.heard.length).toBe(before);
  });

  it('of the language itself are keys like any other', async () => {
    expect(await code({ body: '{"__proto__": {"taskIds": [19097]}, "constructor": 1}' })).toBe(601);
    expect(({} as Record<string, unknown>).taskIds).toBeUndefined();
  });
});

describe('numbers', () => {
  it.each([
    '1e400',
    '-1e400',
    '123456789012345678901234567890',
    '1.5',
    'NaN',
    'Infinity',
    '9'.repeat(100_000),
  ])('%.40s is no id', async (number) => {
    expect(await code({ body: `{"taskIds": [${number}]}` })).toBe(600);
  });

  it('that are whole in any spelling are taken', async () => {
    expect(await code({ body: '{"taskIds": [1.9097e4]}' })).toBe(200);
    expect(heard()).toEqual({ name: 'stopTasks', args: [ACCOUNT.accountId, [19097]] });
  });
});

describe('bodies that are none', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  it.each<[string, Sent]>([
    ['too deep', { body: nested(40), signedBody: nested(40) }],
    ['deeper than any stack', { body: '['.repeat(500_000), signedBody: '{}' }],
    [
      'not UTF-8',
      { body: new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), signedBody: '{}' },
    ],
    ['cut off', { body: '{"taskIds": [19097', signedBody: '{"taskIds": [19097]}' }],
    ['two of them', { body: '{}{}', signedBody: '{}' }],
    ['a list', { body: '[19097]' }],
  ])('%s', async (_, sent) => {
    expect(await code(sent)).toBe(603);
  });
});

describe('headers', () => {
  const body = '{"taskIds": [19097]}';
  it.each<[string, Record<string, string>, number]>([
    ['a signature that is no base64', { signature: '%%%' }, 611],
    ['a signature of the wrong length', { signature: Buffer.alloc(33).toString('base64') }, 611],
    ['a very long signature', { signature: 'A'.repeat(8000) }, 611],
    ['a time far away', { UTCTimestamp: '999999999999' }, 610],
    ['a time before all times', { UTCTimestamp: '-5' }, 603],
    ['a time with a fraction', { UTCTimestamp: '1700000000.5' }, 603],
    ['a very long nonce', { nonce: '1'.repeat(5000) }, 603],
    ['another channel than signed', { channel: '1' }, 611],
    ['another host than signed', { host: 'evil.example' }, 611],
    ['a very long access id', { accessId: 'x'.repeat(5000) }, 611],
  ])('%s', async (_, headers, expected) => {
    expect(await code({ body, headers })).toBe(expected);
  });
});

it('whatever bytes and headers come, the answer is an envelope, nothing is done, and memory stays bounded', async () => {
  const codes: ReadonlySet<number> = new Set(Object.values(API_CODES).map((one) => one.code));
  const before = test.farm.heard.length;
  const start = process.memoryUsage().rss;
  const printable = fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((at) => String.fromCharCode(at)),
    maxLength: 60,
  });
  const header = fc.constantFrom(
    'accessId',
    'UTCTimestamp',
    'nonce',
    'signature',
    'platform',
    'version',
    'content-type',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      fc.dictionary(header, printable, { noNullPrototype: true }),
      fc.constantFrom(STOP, PROFILE, '/api/render/submit/createTask', '/api/rendering/nothing'),
      async (bytes, headers, path) => {
        const now = {
          accessId: ACCESS_ID,
          UTCTimestamp: String(Math.floor(Date.now() / 1000)),
          nonce: '1',
          signature: 'x',
        };
        const answer = await post(path, Buffer.from(bytes), { ...now, ...headers });
        expect(answer).toMatchObject({ result: false, data: null, message: expect.any(String) });
        expect(codes.has(answer.code)).toBe(true);
      },
    ),
    { numRuns: 1000 },
  );
  expect(test.farm.heard.length).toBe(before);
  expect(process.memoryUsage().rss - start).toBeLessThan(200 * MiB);
  expect((await test.call(PROFILE)).code).toBe(200);
});
