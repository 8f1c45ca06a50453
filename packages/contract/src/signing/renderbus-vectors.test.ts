/** The recorded signatures of the real SDK, where the reference lies beside the repository, and vectors of our own. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseRawJson,
  renderbusSignature,
  renderbusStringToSign,
  verifyRenderbusSignature,
} from './index.ts';

interface Vector {
  name: string;
  domain: string;
  path: string;
  headers: Record<string, string>;
  bodyText: string;
  accessKey: string;
  stringToSign: string;
  signature: string;
}

const RECORDED = new URL('../../../../../shared/reference/compat-api-fixtures.json', import.meta.url);
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe.skipIf(!existsSync(RECORDED))(
  'recorded requests of the real SDK (skipped without the reference)',
  () => {
    const recorded: Vector[] = existsSync(RECORDED)
      ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as { signatureVectors: Vector[] }).signatureVectors
      : [];

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
