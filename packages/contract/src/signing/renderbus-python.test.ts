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

const REQUESTS = 10_000;
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
  it(`verifies all ${REQUESTS}, and none that was changed`, () => {
    expect(python.status, python.stderr).toBe(0);
    const lines = python.stdout.trim().split('\n');
    expect(lines).toHaveLength(REQUESTS);
    expect(lines.flatMap((line) => wrongWith(JSON.parse(line) as SignedByPython))).toEqual([]);
  });
});

/** What is wrong with our view of a request; one `expect` for all is ten times as fast as one for each. */
function wrongWith(request: SignedByPython): string[] {
  const body = parseRawJson(new TextEncoder().encode(request.body));
  const wrong: string[] = [];
  const about = (what: string) => wrong.push(`${what}: ${request.body}`);
  if (!request.tuple && renderbusStringToSign({ ...request, body }) !== request.text) about('other text');
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
  if (!verifyRenderbusSignature(proof)) about('refused');
  if (verifyRenderbusSignature({ ...proof, hosts: ['127.0.0.1'] })) about('taken at another host');
  const older = { ...proof.headers, utctimestamp: `${Number(request.headers.UTCTimestamp) - 1}` };
  if (verifyRenderbusSignature({ ...proof, headers: older })) about('taken at another time');
  return wrong;
}
