import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NATIVE_HEADERS,
  readNativeSigner,
  sha256Hex,
  signNative,
  UNSIGNED_PAYLOAD,
  verifyNative,
} from './index.ts';

const REQUEST = {
  method: 'POST',
  host: 'farm:8080',
  target: '/transfer/v1/missing?size=1',
  accessId: 'croft',
  secret: 'key',
  timestampSeconds: 1750000000,
  nonce: 'abcdefgh-1',
  bodySha256: sha256Hex('body'),
};
const proofOf = (headers: Record<string, string>) => ({
  ...REQUEST,
  hosts: ['other', REQUEST.host],
  headers,
});

describe('native signing', () => {
  it('signs the documented lines', () => {
    const headers = signNative(REQUEST);
    const text = `CROFT1\nPOST\nfarm:8080\n/transfer/v1/missing?size=1\n1750000000\nabcdefgh-1\n${sha256Hex('body')}`;
    expect(headers['croft-signature']).toBe(createHmac('sha256', 'key').update(text).digest('base64'));
    expect(Object.keys(headers).sort()).toEqual(Object.values(NATIVE_HEADERS).sort());
    expect(readNativeSigner(headers)).toEqual({
      accessId: 'croft',
      timestampSeconds: 1750000000,
      nonce: 'abcdefgh-1',
      bodySha256: sha256Hex('body'),
    });
  });

  it('verifies what it signed and nothing that was changed', () => {
    const field = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((text) => !/[\r\n]/.test(text) && text.isWellFormed());
    fc.assert(
      fc.property(
        field,
        field,
        fc.constantFrom('GET', 'PUT', 'delete'),
        fc.constantFrom(UNSIGNED_PAYLOAD, sha256Hex()),
        (host, rest, method, bodySha256) => {
          const target = `/${rest}`;
          const headers = signNative({ ...REQUEST, method, host, target, bodySha256 });
          const proof = { method, hosts: [host], target, headers, secret: REQUEST.secret };
          expect(verifyNative(proof)).toBe(true);
          expect(verifyNative({ ...proof, target: `${target}x` })).toBe(false);
          expect(verifyNative({ ...proof, hosts: [`${host}x`] })).toBe(false);
          expect(verifyNative({ ...proof, method: 'PATCH' })).toBe(false);
          expect(verifyNative({ ...proof, secret: 'other' })).toBe(false);
        },
      ),
    );
    const headers = signNative(REQUEST);
    expect(verifyNative(proofOf(headers))).toBe(true);
    for (const changed of [
      { 'croft-timestamp': '1750000001' },
      { 'croft-nonce': 'abcdefgh-2' },
      { 'croft-content-sha256': UNSIGNED_PAYLOAD },
    ]) {
      expect(verifyNative(proofOf({ ...headers, ...changed }))).toBe(false);
    }
  });

  it.each(Object.values(NATIVE_HEADERS).filter((name) => name !== NATIVE_HEADERS.accessId))(
    'needs %s',
    (name) => {
      const { [name]: _, ...headers } = signNative(REQUEST);
      expect(verifyNative(proofOf(headers))).toBe(false);
    },
  );

  it('reads no malformed signer', () => {
    const headers = signNative(REQUEST);
    for (const changed of [
      { 'croft-access-id': '' },
      { 'croft-access-id': 'x'.repeat(129) },
      { 'croft-timestamp': '1e9' },
      { 'croft-timestamp': '-1' },
      { 'croft-nonce': 'short' },
      { 'croft-nonce': 'with\nbreak' },
      { 'croft-content-sha256': 'ABC' },
    ]) {
      expect(readNativeSigner({ ...headers, ...changed })).toBeUndefined();
    }
  });

  it('refuses to sign a field that would break the lines', () => {
    expect(() => signNative({ ...REQUEST, target: '/a\nb' })).toThrow(TypeError);
    expect(() => signNative({ ...REQUEST, nonce: 'a b c d e f' })).toThrow(TypeError);
    expect(() => signNative({ ...REQUEST, timestampSeconds: 1.5 })).toThrow(TypeError);
    expect(verifyNative({ ...proofOf(signNative(REQUEST)), target: '/a\nb' })).toBe(false);
  });
});
