/**
 * Signing of `/api/v1` and `/transfer/v1`. Five headers; a wire format:
 *
 *   croft-access-id        who signs
 *   croft-timestamp        seconds since 1970 UTC, decimal
 *   croft-nonce            8 to 128 characters of A–Z a–z 0–9 - _, new for every request
 *   croft-content-sha256   hex SHA-256 of the body (of no bytes where there is none), or UNSIGNED-PAYLOAD for a stream
 *                          whose bytes the receiver checks against the blob id in the signed target
 *   croft-signature        base64 HMAC-SHA256, key: the access key, over the lines
 *
 *     CROFT1
 *     <METHOD>             upper case
 *     <host>               the Host header as sent: the authority of the URL, without a default port
 *     <target>             path with query, exactly as in the request line
 *     <timestamp>
 *     <nonce>
 *     <content-sha256>
 *
 * joined by one line feed, none at the end. No field may hold a line feed, so the lines are unambiguous. A checker
 * verifies the signature here, and itself that the body hashes to croft-content-sha256, that the time is within its
 * window and that (access id, timestamp, nonce) is new.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeSignature } from './renderbus-signing.ts';
import { headerOf, type IncomingHeaders } from './renderbus-text.ts';

export const NATIVE_HEADERS = {
  accessId: 'croft-access-id',
  timestamp: 'croft-timestamp',
  nonce: 'croft-nonce',
  contentSha256: 'croft-content-sha256',
  signature: 'croft-signature',
} as const;

/** In place of a body's hash: the bytes are checked by their blob id, not by the signature. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

export interface NativeSigning {
  readonly method: string;
  readonly host: string;
  /** Path with query, as in the request line. */
  readonly target: string;
  readonly accessId: string;
  readonly secret: string;
  readonly timestampSeconds: number;
  readonly nonce: string;
  /** `sha256Hex` of the body, or UNSIGNED_PAYLOAD. */
  readonly bodySha256: string;
}

/** The five headers of one signed request. Throws TypeError on a field that the format cannot carry: a bug here. */
export function signNative(signing: NativeSigning): Record<string, string> {
  const { method, host, target, nonce, bodySha256 } = signing;
  const timestamp = String(signing.timestampSeconds);
  const text = nativeText({ method, host, target, timestamp, nonce, bodySha256 });
  if (text === undefined) throw new TypeError('a field of the request cannot be signed');
  return {
    [NATIVE_HEADERS.accessId]: signing.accessId,
    [NATIVE_HEADERS.timestamp]: timestamp,
    [NATIVE_HEADERS.nonce]: nonce,
    [NATIVE_HEADERS.contentSha256]: bodySha256,
    [NATIVE_HEADERS.signature]: createHmac('sha256', signing.secret).update(text, 'utf8').digest('base64'),
  };
}

/** Hex SHA-256 of a body; of the empty text where there is none. */
export function sha256Hex(body: string | Uint8Array = ''): string {
  return createHash('sha256').update(body).digest('hex');
}

/** What a natively signed request says about its signer. */
export interface NativeSigner {
  readonly accessId: string;
  readonly timestampSeconds: number;
  readonly nonce: string;
  readonly bodySha256: string;
}

/** The signer's headers, well formed but unproven; undefined where one is absent, doubled or malformed. */
export function readNativeSigner(headers: IncomingHeaders): NativeSigner | undefined {
  const accessId = headerOf(headers, NATIVE_HEADERS.accessId);
  const timestamp = headerOf(headers, NATIVE_HEADERS.timestamp);
  const nonce = headerOf(headers, NATIVE_HEADERS.nonce);
  const bodySha256 = headerOf(headers, NATIVE_HEADERS.contentSha256);
  if (!accessId || !timestamp || !nonce || !bodySha256 || accessId.length > 128) return undefined;
  if (!TIMESTAMP.test(timestamp) || !NONCE.test(nonce) || !isBodySha256(bodySha256)) return undefined;
  return { accessId, timestampSeconds: Number(timestamp), nonce, bodySha256 };
}

export interface NativeProof {
  readonly method: string;
  /** Host texts that the client may have used: see `hostCandidates`. */
  readonly hosts: readonly string[];
  readonly target: string;
  readonly headers: IncomingHeaders;
  readonly secret: string;
}

/** Whether the request was signed with `secret`. Never throws on what a client sent. */
export function verifyNative({ method, hosts, target, headers, secret }: NativeProof): boolean {
  const claimed = decodeSignature(headerOf(headers, NATIVE_HEADERS.signature));
  const timestamp = headerOf(headers, NATIVE_HEADERS.timestamp);
  const nonce = headerOf(headers, NATIVE_HEADERS.nonce);
  const bodySha256 = headerOf(headers, NATIVE_HEADERS.contentSha256);
  if (!claimed || timestamp === undefined || nonce === undefined || bodySha256 === undefined) return false;
  return hosts.some((host) => {
    const text = nativeText({ method, host, target, timestamp, nonce, bodySha256 });
    if (text === undefined) return false;
    return timingSafeEqual(createHmac('sha256', secret).update(text, 'utf8').digest(), claimed);
  });
}

const TIMESTAMP = /^\d{1,12}$/;
const NONCE = /^[A-Za-z0-9_-]{8,128}$/;

function isBodySha256(text: string): boolean {
  return text === UNSIGNED_PAYLOAD || /^[0-9a-f]{64}$/.test(text);
}

interface NativeFields {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly bodySha256: string;
}

/** The signed lines; undefined where a field would make them ambiguous. */
function nativeText({
  method,
  host,
  target,
  timestamp,
  nonce,
  bodySha256,
}: NativeFields): string | undefined {
  if (!TIMESTAMP.test(timestamp) || !NONCE.test(nonce) || !isBodySha256(bodySha256)) return undefined;
  if (/[\r\n]/.test(method + host + target) || !(host + target).isWellFormed()) return undefined;
  return ['CROFT1', method.toUpperCase(), host, target, timestamp, nonce, bodySha256].join('\n');
}
