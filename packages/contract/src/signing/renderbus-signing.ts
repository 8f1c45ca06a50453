/**
 * Signing and checking of Renderbus requests: HMAC-SHA256 over the string of `renderbus-text.ts` with the access key as
 * key, in base64.
 *
 * A checker cannot know what the client was configured with as its domain, so it tries the candidates of
 * `host-candidates.ts`. When none fits it also tries three known habits of clients: an array that was a Python tuple,
 * `Content-Type` left in the signed map, and `languageFlag` signed. All work is bounded: habits are tried for short
 * requests only, and no more than MAX_HASHED_CHARACTERS are hashed for one request.
 *
 * Whether the timestamp is fresh, and whether this request came before, is asked elsewhere, of the headers. The string
 * is not escaped and the body wins over headers, so one signature could fit other headers too (a nonce of
 * `5&platform=2` without a platform header, a body with a `nonce` of its own), and a captured request could be sent again
 * as a new one. Therefore access id, timestamp and nonce must be plain and must be signed as the headers have them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseRawJson, type RawJson } from '../raw-json.ts';
import { pythonTupleRepr } from './python-repr.ts';
import {
  headerOf,
  type IncomingHeaders,
  joinedLeaves,
  type LeafText,
  renderbusStringToSign,
  renderScalar,
  signedLeaves,
  signedMap,
  signedPrefix,
} from './renderbus-text.ts';

const MAX_HASHED_CHARACTERS = 64 * 1024 * 1024;
const MAX_HABIT_CHARACTERS = 64 * 1024;
const MAX_SINGLE_TUPLES = 8;
const MAX_HOSTS = 64;

/** Headers that tell one request from another, and what they may hold. */
const IDENTIFYING_HEADERS = [
  ['accessId', /^[\w.@:+/-]{1,128}$/],
  ['UTCTimestamp', /^\d{1,15}$/],
  ['nonce', /^[\w-]{1,64}$/],
] as const;

/** Base64 HMAC-SHA256, 44 characters. */
export function renderbusSignature(stringToSign: string, secret: string): string {
  return hmac(stringToSign, secret).toString('base64');
}

export interface RenderbusSigning {
  /** Host, port and path prefix as the client addresses the farm. */
  readonly domain: string;
  readonly path: string;
  /** Exactly the bytes that will be sent, as text. */
  readonly bodyText: string;
  readonly accessId: string;
  readonly secret: string;
  /** Submission channel, default 4: the SDK's. */
  readonly channel?: string;
  readonly platform: string;
  readonly version?: string;
  readonly timestampSeconds: number;
  /** Decimal digits; the real SDK draws 100000 to 999998. */
  readonly nonce: string;
}

/**
 * The seven headers of one signed request; `Content-Type: application/json` is the caller's to add. A nonce is good for
 * one request: sign each try anew. Throws JSON_INVALID where `bodyText` is no JSON.
 */
export function signRenderbusHeaders(signing: RenderbusSigning): Record<string, string> {
  const headers = {
    accessId: signing.accessId,
    channel: signing.channel ?? '4',
    platform: signing.platform,
    UTCTimestamp: String(signing.timestampSeconds),
    nonce: signing.nonce,
    version: signing.version ?? '2.0.0',
  };
  const body = parseRawJson(new TextEncoder().encode(signing.bodyText));
  const text = renderbusStringToSign({ domain: signing.domain, path: signing.path, headers, body });
  return {
    ...headers,
    signature: renderbusSignature(text, signing.secret),
    'Content-Type': 'application/json',
  };
}

/** What a request says about its signer; a header that is absent or came twice is undefined. */
export interface RenderbusSigner {
  readonly accessId: string | undefined;
  readonly timestamp: string | undefined;
  readonly nonce: string | undefined;
  readonly signature: string | undefined;
  readonly channel: string | undefined;
  readonly platform: string | undefined;
  readonly version: string | undefined;
}

/** Reads the signer's headers in any letter case, nothing checked. */
export function readRenderbusSigner(headers: IncomingHeaders): RenderbusSigner {
  return {
    accessId: headerOf(headers, 'accessId'),
    timestamp: headerOf(headers, 'UTCTimestamp'),
    nonce: headerOf(headers, 'nonce'),
    signature: headerOf(headers, 'signature'),
    channel: headerOf(headers, 'channel'),
    platform: headerOf(headers, 'platform'),
    version: headerOf(headers, 'version'),
  };
}

export interface RenderbusProof {
  /** Candidates of `hostCandidates`, the likeliest first. */
  readonly hosts: readonly string[];
  /** Path as received, without configured prefix and query. */
  readonly path: string;
  readonly headers: IncomingHeaders;
  readonly body: RawJson;
  readonly secret: string;
}

/** Whether the request was signed with `secret`. Never throws on what a client sent. */
export function verifyRenderbusSignature({ hosts, path, headers, body, secret }: RenderbusProof): boolean {
  const claimed = decodeSignature(headerOf(headers, 'signature'));
  if (!claimed || !identifiesPlainly(headers)) return false;
  const prefixes = hosts.slice(0, MAX_HOSTS).map((host) => signedPrefix(host, path));
  let budget = MAX_HASHED_CHARACTERS;
  for (const pairs of pairVariants(headers, body)) {
    // A lone surrogate has no UTF-8 form: Python cannot sign it, and Node would hash U+FFFD in its place.
    if (!pairs.isWellFormed()) return false;
    for (const prefix of prefixes) {
      budget -= prefix.length + pairs.length;
      if (budget < 0) return false;
      if (timingSafeEqual(hmac(prefix + pairs, secret), claimed)) return true;
    }
  }
  return false;
}

function identifiesPlainly(headers: IncomingHeaders): boolean {
  return IDENTIFYING_HEADERS.every(([name, plain]) => plain.test(headerOf(headers, name) ?? ''));
}

/** The signed pairs as documented, then as clients with habits write them. */
function* pairVariants(headers: IncomingHeaders, body: RawJson): Generator<string> {
  const map = signedMap(headers, body);
  const documented = pairsOf(map, headers, renderScalar);
  if (documented === undefined) return;
  yield documented;
  if (documented.length > MAX_HABIT_CHARACTERS) return;
  for (const name of ['Content-Type', 'languageFlag']) {
    const text = headerOf(headers, name);
    if (text === undefined || map.has(name)) continue;
    const withHeader = pairsOf(new Map([...map, [name, { kind: 'string', text }]]), headers, renderScalar);
    if (withHeader !== undefined) yield withHeader;
  }
  for (const leafText of tupleRenderings(map)) {
    const withTuple = pairsOf(map, headers, leafText);
    if (withTuple !== undefined) yield withTuple;
  }
}

/** The joined pairs; undefined where they are too long or the body hides an identifying header. */
function pairsOf(
  map: ReadonlyMap<string, RawJson>,
  headers: IncomingHeaders,
  leafText: LeafText,
): string | undefined {
  try {
    const leaves = signedLeaves(map, leafText);
    const isHidden = IDENTIFYING_HEADERS.some(([name]) => leaves.get(name) !== headerOf(headers, name));
    return isHidden ? undefined : joinedLeaves(leaves);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** All arrays of scalars as tuples, then each of the first few alone. */
function* tupleRenderings(map: ReadonlyMap<string, RawJson>): Generator<LeafText> {
  const arrays = [...map.values()].filter((value) => value.kind === 'array').filter(holdsScalars);
  if (arrays.length === 0) return;
  const asTuples = (chosen: ReadonlySet<RawJson>): LeafText => {
    return (value) =>
      value.kind === 'array' && chosen.has(value) ? pythonTupleRepr(value.items) : renderScalar(value);
  };
  yield asTuples(new Set(arrays));
  if (arrays.length === 1) return;
  for (const array of arrays.slice(0, MAX_SINGLE_TUPLES)) yield asTuples(new Set([array]));
}

function holdsScalars(value: Extract<RawJson, { kind: 'array' }>): boolean {
  return value.items.every((item) => item.kind !== 'array' && item.kind !== 'object');
}

/**
 * The 32 bytes of a signature header; undefined where it is not their one base64 text. Other texts that decode to the
 * same bytes are refused, so that a signature's text can be remembered against replay.
 */
export function decodeSignature(text: string | undefined): Buffer | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function hmac(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(text, 'utf8').digest();
}
