import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hostCandidates,
  parseRawJson,
  readRenderbusSigner,
  renderbusSignature,
  renderbusStringToSign,
  signRenderbusHeaders,
  verifyRenderbusSignature,
} from './index.ts';

const raw = (text: string) => parseRawJson(new TextEncoder().encode(text));
const SECRET = 'croft-test-key';
const HEADERS = {
  accessId: 'croft',
  channel: '4',
  platform: '2',
  UTCTimestamp: '1750000000',
  nonce: '654321',
  version: '2.0.0',
};
const START = '[POST]farm.local:3:/p&UTCTimestamp=1750000000';
const REST = 'nonce=654321&platform=2';

/** Our own vectors: body → string to sign → signature with SECRET. */
const VECTORS: readonly (readonly [body: string, text: string, signature: string])[] = [
  [
    '{}',
    `${START}&accessId=croft&channel=4&${REST}&version=2.0.0`,
    '1o7TMR7qR5PTOIeR/Pg70IkxWyovgTYPjT9EO7nWe44=',
  ],
  [
    '{"ids": [7, 8], "on": true, "off": null, "f": 1.50}',
    `${START}&accessId=croft&channel=4&f=1.50&ids0=7&ids1=8&nonce=654321&off=None&on=True&platform=2&version=2.0.0`,
    'ZrIJEYjTHY6MQcVZhD+aHpEdKadAp1pSqkqwEHT5k1w=',
  ],
  [
    '{"\\ue000": "a", "\\ud83d\\ude00": "b", "z": {"y": [[], {}]}}',
    `${START}&accessId=croft&channel=4&${REST}&version=2.0.0&\ue000=a&\u{1f600}=b`,
    'mRr4qA5UIE2me/M9OynYfoCUQo9MWL1aJyOVd9mWHoM=',
  ],
  [
    '{"nonce": 1, "a": NaN, "a": -Infinity}',
    `${START}&a=-inf&accessId=croft&channel=4&nonce=1&platform=2&version=2.0.0`,
    's8FAFcda7OSYfHBywCOHaEtppVVpHFbaQfzQtBlU0SI=',
  ],
];

describe('the string to sign', () => {
  it.each(VECTORS)('of %s', (bodyText, text, signature) => {
    expect(
      renderbusStringToSign({ domain: 'farm.local:3', path: '/p', headers: HEADERS, body: raw(bodyText) }),
    ).toBe(text);
    expect(renderbusSignature(text, SECRET)).toBe(signature);
  });

  it('holds only the six headers, in any case, under their canonical names', () => {
    const headers = { ACCESSID: 'x', utctimestamp: '5', signature: 's', host: 'h', 'x-other': '1' };
    expect(renderbusStringToSign({ domain: 'd', path: '/', headers, body: raw('{}') })).toBe(
      '[POST]d:/&UTCTimestamp=5&accessId=x',
    );
  });
});

/** An independent account of the algorithm over plain values; order by UTF-8 bytes, which is code point order. */
function referenceText(domain: string, path: string, body: object): string {
  const found = new Map<string, string>();
  const walk = (key: string, value: unknown): void => {
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) walk(key + i, value[i]);
    else if (value !== null && typeof value === 'object') {
      for (const [name, member] of Object.entries(value)) walk(key ? `${key}.${name}` : name, member);
    } else {
      found.set(
        key,
        value === true ? 'True' : value === false ? 'False' : value === null ? 'None' : String(value),
      );
    }
  };
  walk('', { ...HEADERS, ...body });
  const pairs = [...found].map(([key, text]) => [Buffer.from(key), `${key}=${text}`] as const);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return `[POST]${domain}:${path}&${pairs.map(([, pair]) => pair).join('&')}`;
}

/** Keys that are no array indexes: JavaScript would move those to the front of an object. */
const key = fc.string({ unit: fc.constantFrom('a', 'B', '_', '.', '中', '\ue000', '😀', ' '), maxLength: 4 });
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 12 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
  ),
}));
const body = fc.dictionary(key, tree, { maxKeys: 6 });

describe('verifying', () => {
  it('accepts what an independent signer signed, whatever the spacing and escaping of the JSON', () => {
    fc.assert(
      fc.property(body, fc.boolean(), (value, spaced) => {
        const hash = createHmac('sha256', SECRET)
          .update(referenceText('farm', '/p', value), 'utf8')
          .digest('base64');
        const json = JSON.stringify(value, null, spaced ? 2 : undefined);
        const escaped = json.replace(
          /[^\x20-\x7e\n]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        for (const text of [json, escaped]) {
          const proof = {
            hosts: ['farm'],
            path: '/p',
            headers: { ...HEADERS, signature: hash },
            body: raw(text),
            secret: SECRET,
          };
          expect(verifyRenderbusSignature(proof)).toBe(true);
          expect(verifyRenderbusSignature({ ...proof, hosts: [] })).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  const sign = (bodyText: string) =>
    signRenderbusHeaders({
      domain: 'farm',
      path: '/p',
      bodyText,
      accessId: 'croft',
      secret: SECRET,
      platform: '2',
      timestampSeconds: 1750000000,
      nonce: '654321',
    });
  const verify = (bodyText: string, headers: Record<string, string | string[]>) =>
    verifyRenderbusSignature({ hosts: ['farm'], path: '/p', headers, body: raw(bodyText), secret: SECRET });

  it('takes what our own client signs and tells who signed', () => {
    const headers = sign('{"taskIds":[1]}');
    expect(verify('{"taskIds": [1]}', headers)).toBe(true);
    expect(verify('{"taskIds":[2]}', headers)).toBe(false);
    expect(readRenderbusSigner(headers)).toMatchObject({
      accessId: 'croft',
      timestamp: '1750000000',
      platform: '2',
      channel: '4',
    });
  });

  it('refuses a missing, doubled, short, long or unpadded signature', () => {
    const { signature = '', ...headers } = sign('{}');
    expect(verify('{}', { ...headers, signature })).toBe(true);
    for (const wrong of [
      '',
      'abc',
      signature.slice(1),
      `${signature}=`,
      `${signature}${signature}`,
      signature.slice(0, -1),
      ` ${signature}`,
    ]) {
      expect(verify('{}', { ...headers, signature: wrong })).toBe(false);
    }
    expect(verify('{}', headers)).toBe(false);
    expect(verify('{}', { ...headers, signature: [signature, signature] })).toBe(false);
  });

  it('bears the habits of clients: Content-Type or languageFlag signed, tuples', () => {
    const signed = (text: string) => createHmac('sha256', SECRET).update(text).digest('base64');
    const tail = 'channel=4&nonce=654321&platform=2&version=2.0.0';
    const start = '[POST]farm:/p&';
    const habit = (text: string, extra: Record<string, string>, json = '{}') =>
      verify(json, { ...HEADERS, ...extra, signature: signed(text) });
    const type = { 'content-type': 'application/json' };
    expect(
      habit(`${start}Content-Type=application/json&UTCTimestamp=1750000000&accessId=croft&${tail}`, type),
    ).toBe(true);
    const flagged = `${start}UTCTimestamp=1750000000&accessId=croft&channel=4&languageFlag=1&nonce=654321&platform=2&version=2.0.0`;
    expect(habit(flagged, { languageflag: '1' })).toBe(true);
    expect(habit(flagged, {})).toBe(false);
    const tuple = `${start}UTCTimestamp=1750000000&accessId=croft&channel=4&l=("it's", 'a\\n\\x7f\\u2028中', 1)&m0=2&nonce=654321&platform=2&version=2.0.0`;
    expect(habit(tuple, {}, '{"l": ["it\'s", "a\\n\\u007f\\u2028\\u4e2d", 1], "m": [2]}')).toBe(true);
  });

  it('lets no captured signature serve as another request', () => {
    const signed = (text: string) => createHmac('sha256', SECRET).update(text).digest('base64');
    const captured = sign('{}');
    const { platform: _, ...fewer } = captured;
    expect(verify('{}', { ...fewer, nonce: '654321&platform=2' })).toBe(false);
    const own = `[POST]farm:/p&UTCTimestamp=1750000000&accessId=croft&channel=4&nonce=1&platform=2&version=2.0.0`;
    for (const body of ['{"nonce": 1}', '{"": {"nonce": 1}}']) {
      expect(verify(body, { ...HEADERS, nonce: '1', signature: signed(own) })).toBe(true);
      expect(verify(body, { ...HEADERS, nonce: '2', signature: signed(own) })).toBe(false);
    }
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const text = captured.signature ?? '';
    const sameBytes = `${text.slice(0, 42)}${letters[letters.indexOf(text[42] ?? '') + 1]}=`;
    expect(Buffer.from(sameBytes, 'base64')).toEqual(Buffer.from(text, 'base64'));
    expect(verify('{}', { ...captured, signature: sameBytes })).toBe(false);
  });

  it('never accepts text without a UTF-8 form', () => {
    const text = `${START.replace(':3', '')}&a=\ufffd&accessId=croft&channel=4&${REST}&version=2.0.0`;
    const headers = {
      ...HEADERS,
      signature: createHmac('sha256', SECRET).update(text.replace('farm.local', 'farm')).digest('base64'),
    };
    expect(verify('{"a": "\\ufffd"}', headers)).toBe(true);
    expect(verify('{"a": "\\ud800"}', headers)).toBe(false);
  });

  it('stays bounded where keys multiply', () => {
    const huge = `{"${'k'.repeat(200_000)}": [${Array(100_000).fill('1').join(',')}]}`;
    expect(verify(huge, { ...HEADERS, signature: renderbusSignature('x', SECRET) })).toBe(false);
  });
});

describe('host candidates', () => {
  const facts = { listenPort: 8080, secure: false } as const;
  it.each([
    ['farm:8080', { host: 'farm:8080' }],
    ['farm', { host: 'farm:8080' }],
    ['127.0.0.1:80', { host: '127.0.0.1' }],
    ['farm:443', { host: 'farm', secure: true }],
    ['farm:8080', { host: 'farm' }],
    ['render.example.com', { host: '10.0.0.1:8080', forwardedHost: 'render.example.com, inner' }],
    ['LocalHost:8080', { host: 'localhost:8080', publicHosts: ['LocalHost:8080'] }],
    ['farm:8080/prefix', { host: 'farm:8080', prefixes: ['prefix'] }],
    ['[::1]:8080', { host: '[::1]' }],
    ['[::1]', { host: '[::1]:8080' }],
  ])('hold %s for %o', (wanted, more) => expect(hostCandidates({ ...facts, ...more })).toContain(wanted));

  it('start with the host as received, hold nothing twice and stay few', () => {
    const many = hostCandidates({
      ...facts,
      host: 'a',
      publicHosts: Array.from({ length: 500 }, (_, i) => `h${i}`),
      prefixes: ['/x'],
    });
    expect(many[0]).toBe('a');
    expect(many).toHaveLength(64);
    expect(new Set(many).size).toBe(64);
    expect(hostCandidates({ ...facts, host: undefined })).toEqual([]);
    expect(hostCandidates({ ...facts, host: 'x'.repeat(10_000) })).toEqual([]);
  });
});
