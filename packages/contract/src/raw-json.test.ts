import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CroftError } from './croft-error.ts';
import { parseRawJson, plainValue, type RawJson } from './raw-json.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => parseRawJson(bytesOf(text));
const plain = (text: string) => plainValue(read(text));

function refusal(bytes: Uint8Array | string, limits = {}): string {
  try {
    parseRawJson(typeof bytes === 'string' ? bytesOf(bytes) : bytes, limits);
  } catch (thrown) {
    if (thrown instanceof CroftError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'accepted';
}

/** The two documented differences to JSON.parse; `text` was made by JSON.stringify, so a number reads as it was written. */
function asPlainValue(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  const isLongInteger =
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value));
  return isLongInteger ? String(value) : value;
}

describe('parseRawJson', () => {
  it('reads as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(plain(text))).toBe(JSON.stringify(JSON.parse(text, asPlainValue)));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '0',
      '.',
      'e',
      '\\u12',
      'true',
      'nul',
      ' ',
      '\n',
      '\u0001',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(refusal(text) === 'accepted').toBe(isJson);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '1.0',
    '-0',
    '-0.0',
    '1E5',
    '1e+22',
    '12345678901234567890',
    '0.1e-7',
    'NaN',
    'Infinity',
    '-Infinity',
  ])('keeps %s as written', (lexeme) => expect(read(` ${lexeme}\n`)).toEqual({ kind: 'number', lexeme }));

  it('keeps order; of a key that comes twice the first place and the last value', () => {
    const object = read('{"b": 1, "a": 2, "b": 3, "10": 4, "2": 5}') as Extract<RawJson, { kind: 'object' }>;
    expect([...object.members.keys()]).toEqual(['b', 'a', '10', '2']);
    expect(plainValue(object)).toEqual({ b: 3, a: 2, 10: 4, 2: 5 });
  });

  it.each([
    '',
    ' ',
    '01',
    '+1',
    '.5',
    '1.',
    '1e',
    '--1',
    'nan',
    '-NaN',
    'tru',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "'a'",
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\n"',
    '1 2',
    '[1',
    '{"a"}',
    '\ufeff{}',
    '/**/1',
    '\u00a01',
  ])('refuses %j', (text) => expect(refusal(text)).toMatch(/^JSON_INVALID/));

  it('refuses bytes that are no UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xff, 0xfe, 0x7b, 0],
    ]) {
      expect(refusal(Uint8Array.from(bytes))).toContain('not valid UTF-8');
    }
    expect(plain('"\\ud800 \\ud83d\\ude00"')).toBe('\ud800 😀');
  });

  it('bounds depth and number of values', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(refusal(nested(64))).toBe('accepted');
    expect(refusal(nested(65))).toContain('more than 64 deep');
    expect(refusal('['.repeat(5_000_000))).toContain('more than 64 deep');
    expect(refusal('{"a":'.repeat(100_000))).toContain('more than 64 deep');
    expect(refusal('[1,2,3]', { maxValues: 3 })).toContain('more than 3 values');
    expect(refusal(`[${'0,'.repeat(1_000_000)}0]`)).toContain('more than 1000000 values');
  });

  it('reads megabytes of digits, escapes and brackets in a string', () => {
    const digits = '9'.repeat(2_000_000);
    expect(plain(digits)).toBe(digits);
    expect(plain(`"${'\\u4e2d'.repeat(300_000)}"`)).toBe('中'.repeat(300_000));
    expect(plain(`"${'[{'.repeat(500_000)}"`)).toHaveLength(1_000_000);
  });
});

describe('plainValue', () => {
  it('keeps integers that a number cannot hold as text', () => {
    expect(plain('[9007199254740991, 9007199254740992, -9007199254740993, 1e22, -0]')).toEqual([
      9007199254740991,
      '9007199254740992',
      '-9007199254740993',
      1e22,
      0,
    ]);
  });

  it('leaves __proto__ out', () => {
    const value = plain(
      '{"__proto__": {"isAdmin": true}, "constructor": 1, "a": {"__proto__": 2}}',
    ) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['constructor', 'a']);
    expect('isAdmin' in value).toBe(false);
    expect(value.a).toEqual({});
  });
});
