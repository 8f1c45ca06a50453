/** The recorded signatures of the real SDK, where the reference lies beside the repository. */
import { describe, expect, it } from 'vitest';
import { compatReference } from '../testing/compat-reference.ts';
import {
  parseRawJson,
  renderbusSignature,
  renderbusStringToSign,
  verifyRenderbusSignature,
} from './index.ts';

const reference = compatReference();
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe.skipIf(reference === null)(
  'recorded requests of the real SDK (skipped without the reference)',
  () => {
    const recorded = reference?.signatureVectors ?? [];

    it('are at least fifteen', () => expect(recorded.length).toBeGreaterThanOrEqual(15));

    it.each(recorded)('$name', (vector) => {
      const body = parseRawJson(bytesOf(vector.bodyText));
      expect(renderbusSignature(vector.stringToSign, vector.accessKey)).toBe(vector.signature);
      if (!vector.stringToSign.includes("=('")) {
        expect(renderbusStringToSign({ ...vector, body })).toBe(vector.stringToSign);
      }
      const proof = {
        hosts: ['elsewhere', vector.domain],
        path: vector.path,
        headers: { ...vector.headers, signature: vector.signature },
        body,
        secret: vector.accessKey,
      };
      expect(verifyRenderbusSignature(proof)).toBe(true);
      expect(verifyRenderbusSignature({ ...proof, secret: `${vector.accessKey}x` })).toBe(false);
      expect(verifyRenderbusSignature({ ...proof, path: `${vector.path}/` })).toBe(false);
    });
  },
);
