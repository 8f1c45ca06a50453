/** Tables of the API: codes, envelope and apps; where the reference lies beside the repository, against it. */
import { describe, expect, it } from 'vitest';
import { API_CODES, apiCodeFacts } from './api-codes.ts';
import { errorEnvelope, okEnvelope, requestIdOf } from './envelope.ts';
import { DCCS, dccOfId, dccOfName, MODIFIABLE_PARAM, TASK_INFO } from './sdk-constants.ts';
import { compatReference } from './testing/compat-reference.ts';

const reference = compatReference();
const context = { nowMs: 1750000000123, requestId: 'abcdef-Q3JvZnQ-1750000000123' };

describe('API codes', () => {
  it('are distinct and have all their texts', () => {
    const all = Object.values(API_CODES);
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    for (const { message, en, zh } of all) {
      expect(message).toMatch(/^[a-z0-9_]+$/);
      expect(en && zh).toBeTruthy();
    }
    expect(apiCodeFacts(12345)).toBe(API_CODES.internalError);
  });

  it.skipIf(reference === null)('are all of the reference (skipped without it)', () => {
    const { errorCode = {}, cgId = {} } = reference?.enums ?? {};
    const ours = Object.values(API_CODES).map(({ code, message }) => [String(code), message]);
    const theirs = Object.entries(errorCode).map(([code, name]) => [code, name.toLowerCase()]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    for (const [id, name] of Object.entries(cgId)) {
      expect([id, dccOfName(name)?.cgId ?? dccOfId(id)?.cgId]).toEqual([id, Number(id)]);
    }
  });
});

describe('the envelope', () => {
  it('has all keys on success, and data even for nothing', () => {
    expect(okEnvelope({ a: 1 }, context)).toEqual({
      version: '2.0.0',
      result: true,
      message: 'success',
      code: 200,
      serverTime: 1750000000123,
      data: { a: 1 },
      requestId: context.requestId,
    });
    expect(JSON.parse(JSON.stringify(okEnvelope(undefined, context)))).toHaveProperty('data', null);
  });

  it('tells failures by code, and knows no others', () => {
    expect(errorEnvelope(611, { ...context, version: '1.0.0' })).toMatchObject({
      version: '1.0.0',
      result: false,
      message: 'signature_invalid',
      code: 611,
      data: null,
    });
    expect(errorEnvelope(600, context, { message: 'count is missing' }).message).toBe('count is missing');
    expect(errorEnvelope(999_999, context)).toMatchObject({ code: 500, message: 'internal_error' });
  });

  it('echoes no strange version', () => {
    for (const version of ['', '<b>', 'x'.repeat(33), undefined])
      expect(okEnvelope(1, { ...context, version }).version).toBe('2.0.0');
    expect(okEnvelope(1, { ...context, version: 'dev' }).version).toBe('dev');
  });

  it('names requests in the documented form', () => {
    const id = requestIdOf({ nowMs: 1750000000123, random: () => 0.999999, service: 'Task-Service07' });
    expect(id).toBe('999999-VGFzay1TZXJ2aWNlMDc-1750000000123');
    expect(requestIdOf({ nowMs: 5, random: () => 0 })).toMatch(/^[A-Za-z0-9]{6}-[A-Za-z0-9+/]+-5$/);
  });
});

describe('apps', () => {
  it('are found by id and by every name, both ways', () => {
    for (const facts of DCCS) {
      expect(dccOfId(facts.cgId)).toBe(facts);
      expect(dccOfId(String(facts.cgId))).toBe(facts);
      expect(dccOfName(facts.sdkName)).toBe(facts);
      expect(dccOfName(facts.cgName.toUpperCase())).toBe(facts);
    }
    expect(new Set(DCCS.map(({ cgId }) => cgId)).size).toBe(DCCS.length);
    expect([dccOfName('3dsmax')?.cgId, dccOfName('C4d')?.cgId, dccOfName('Nuke')?.cgId]).toEqual([
      2001, 2005, 2015,
    ]);
    expect(dccOfName('unreal engine')?.cgId).toBe(2020);
    expect(dccOfName('constructor')).toBeUndefined();
    expect(dccOfId('')).toBeUndefined();
  });

  it('have task parameters as text', () => {
    for (const value of Object.values(TASK_INFO)) expect(typeof value).toBe('string');
    expect(MODIFIABLE_PARAM.filter((key) => !(key in TASK_INFO))).toEqual(['test_frames']);
  });
});
