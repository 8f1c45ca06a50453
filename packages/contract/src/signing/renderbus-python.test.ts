/** Requests signed by a real Python are accepted, byte for byte, and no longer when anything in them changes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseRawJson, renderbusStringToSign, verifyRenderbusSignature } from './index.ts';

interface SignedByPython {
  domain: string;
  path: string;
  headers: Record<string, string>;
  secret: string;
  body: string;
  text: string;
  signature: string;
  tuple: boolean;
}

const REQUESTS = 2000;
const python = spawnSync(
  'python3',
  [fileURLToPath(new URL('./sign-with-python.py', import.meta.url)), String(REQUESTS), '7'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
);
const isMissing = python.error !== undefined && 'code' in python.error && python.error.code === 'ENOENT';

describe.skipIf(isMissing)('requests signed by python3 (skipped where there is none)', () => {
  it(`verifies all ${REQUESTS}`, () => {
    expect(python.status, python.stderr).toBe(0);
    const lines = python.stdout.trim().split('\n');
    expect(lines).toHaveLength(REQUESTS);
    for (const line of lines) checkRequest(JSON.parse(line) as SignedByPython);
  });
});

function checkRequest(request: SignedByPython): void {
  const body = parseRawJson(new TextEncoder().encode(request.body));
  if (!request.tuple) expect(renderbusStringToSign({ ...request, body })).toBe(request.text);
  const lowerCased = Object.fromEntries(
    Object.entries(request.headers).map(([key, text]) => [key.toLowerCase(), text]),
  );
  const proof = {
    hosts: ['127.0.0.1', request.domain],
    path: request.path,
    headers: { ...lowerCased, signature: request.signature },
    body,
    secret: request.secret,
  };
  expect(verifyRenderbusSignature(proof), request.body).toBe(true);
  expect(verifyRenderbusSignature({ ...proof, hosts: ['127.0.0.1'] })).toBe(false);
  const older = { ...proof.headers, utctimestamp: `${Number(request.headers.UTCTimestamp) - 1}` };
  expect(verifyRenderbusSignature({ ...proof, headers: older })).toBe(false);
}
