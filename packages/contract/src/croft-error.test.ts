import { describe, expect, it } from 'vitest';
import { CroftError, coerceError, defineErrors, EXIT } from './croft-error.ts';

const errors = defineErrors({
  CUP_EMPTY: { status: 409, apiCode: 600, exit: EXIT.resource, hint: 'Fill it.' },
  CUP_LOST: { status: 404, exit: EXIT.notFound },
});

describe('a catalogue', () => {
  it('makes errors with code, sentence, statuses and hint', () => {
    const cause = new Error('leak');
    const error = errors.CUP_EMPTY('the cup is empty', { cause });
    expect(error).toBeInstanceOf(CroftError);
    expect(error).toMatchObject({
      code: 'CUP_EMPTY',
      message: 'the cup is empty',
      status: 409,
      apiCode: 600,
      exit: 7,
    });
    expect(error.hint).toBe('Fill it.');
    expect(error.cause).toBe(cause);
    expect(errors.CUP_EMPTY('x', { hint: 'Ask for tea.' }).hint).toBe('Ask for tea.');
  });

  it('survives a door or a thread as JSON', () => {
    for (const error of [errors.CUP_EMPTY('empty'), errors.CUP_LOST('lost')]) {
      const arrived = CroftError.from(JSON.parse(JSON.stringify(error)));
      expect(arrived.toJSON()).toEqual(error.toJSON());
    }
    expect(Object.keys(errors.CUP_LOST('lost').toJSON())).not.toContain('hint');
  });
});

describe('coerceError', () => {
  it('keeps errors and wraps anything else', () => {
    const error = new TypeError('x');
    expect(coerceError(error)).toBe(error);
    expect(coerceError('text').message).toBe('text');
    expect(coerceError({ a: 1 }).message).toBe('{"a":1}');
    expect(coerceError(undefined).message).toBe('undefined');
  });

  it('does not throw on what JSON cannot hold', () => {
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(coerceError(ring)).toBeInstanceOf(Error);
    expect(coerceError(Object.assign(Object.create(null), { self: ring })).message).toBe(
      'an object was thrown',
    );
    expect(coerceError(10n).message).toBe('10');
  });
});
