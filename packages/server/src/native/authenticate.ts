/**
 * Who calls the native API or the transfer door: either a request signed by an access key (`croft-*` headers), or a
 * browser's session cookie. A cookie travels by itself, so cookie callers prove on anything but GET and HEAD that a page
 * of ours made the request, by a header that other sites cannot add.
 */
import type { Clock } from '@croft/contract';
import {
  hostCandidates,
  NATIVE_HEADERS,
  readNativeSigner,
  sha256Hex,
  verifyNative,
} from '@croft/contract/signing';
import type { Caller, FarmCalls, KeyRights, OperationFacts } from '@croft/farm';
import type { FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import { createKeyCache, type SigningKey } from '../http/key-cache.ts';
import { refuseLesserKey, refuseLockedKey, secretsOf } from '../http/key-rights.ts';
import type { CallPlace, Recorder } from '../http/recorder.ts';
import { addressOf, isSecure, pathOf } from '../http/request-facts.ts';
import { failureOf } from '../renderbus/failure.ts';
import { createReplayMemory } from '../renderbus/replay.ts';

export interface NativeCaller extends Caller {
  /** How the caller came in, told apart by the transfer door. */
  readonly by: 'signature' | 'cookie';
  /** What the key may be used for; 'full' for a session. */
  readonly rights: KeyRights;
  /** Whether the session or the access key behind the request still holds: a long stream asks again and again. */
  stillHolds(): Promise<boolean>;
  /** Token of the session; null for a signed request. */
  readonly token: string | null;
  /** Number of the operation's record, where the route wanted one. */
  readonly operation: number | null;
}

/** What a route asks of its caller. */
export interface Asked {
  /** Rights that a key must have been made for. */
  readonly needs: KeyRights;
  /** What is recorded of a call that may change something, before it does. */
  record?(caller: Caller): Omit<OperationFacts, 'caller' | 'channel' | 'address' | 'uri'>;
}

export interface NativeAuthenticator {
  /**
   * The caller, or throws NATIVE_NOT_SIGNED_IN, NATIVE_CSRF, FARM_ADDRESS_REFUSED, KEY_RIGHTS_TOO_FEW or a SIGNATURE_*
   * error. A buffered body is checked against the signed hash; a body that is read as a stream is the route's to check (its
   * blob id, or `bodyOf`).
   */
  caller(request: FastifyRequest, asked?: Asked): Promise<NativeCaller>;
  /** Name of the session cookie: with the port, since cookies of one host are shared by all its ports. */
  cookieName(): string;
}

export interface NativeAuthenticationParts {
  readonly calls: FarmCalls;
  readonly clock: Clock;
  readonly publicHosts: readonly string[];
  readonly signatureWindowMs: number;
  readonly port: () => number;
  readonly addresses: AddressGuard;
  readonly recorder: Recorder;
}

/** Channels of the API: 1 is a page, 4 whatever signs. */
const PAGE_CHANNEL = 1;
const KEY_CHANNEL = 4;
const SIGNATURE_INVALID = 611;

const SAFE_METHODS = new Set(['GET', 'HEAD']);

export function createNativeAuthenticator(parts: NativeAuthenticationParts): NativeAuthenticator {
  const { calls, clock, publicHosts, signatureWindowMs, port, addresses, recorder } = parts;
  const keys = createKeyCache(calls, clock);
  const replays = createReplayMemory();
  const cookieName = () => `croft_session_${port()}`;

  async function signedCaller(request: FastifyRequest, asked: Asked | undefined): Promise<NativeCaller> {
    const signer = readNativeSigner(request.headers);
    if (signer === undefined) throw serverErrors.SIGNATURE_INVALID('the croft-* headers are incomplete');
    const { accessId, timestampSeconds, nonce } = signer;
    if (Math.abs(clock.now() - timestampSeconds * 1000) > signatureWindowMs) {
      throw serverErrors.SIGNATURE_EXPIRED('the request was signed too long ago, or in the future');
    }
    const key = await keys.find(accessId);
    if (key === null) throw serverErrors.SIGNATURE_INVALID('the access id is unknown');
    const { caller } = key;
    const place = placeOf(request);
    if (!isSignedBy(key, request)) {
      recorder.keyRefused(accessId, caller, SIGNATURE_INVALID, place);
      throw serverErrors.SIGNATURE_INVALID('the signature does not fit');
    }
    checkBody(request, signer.bodySha256);
    try {
      refuseLockedKey(key);
      await addresses.check(caller.accountId, place.address);
    } catch (thrown) {
      recorder.keyRefused(accessId, caller, failureOf(thrown).code, place);
      throw thrown;
    }
    if (asked !== undefined) refuseLesserKey(key.rights, asked.needs);
    const proof = { accessId, timestampSeconds, nonce };
    let operation: number | null = null;
    let isNew: boolean;
    if (SAFE_METHODS.has(request.method)) isNew = replays.remember(accessId, timestampSeconds, nonce);
    else if (asked?.record === undefined)
      isNew = await calls.rememberNonce(accessId, timestampSeconds, nonce);
    else {
      operation = await recorder.begin(factsOf(request, asked.record(caller), caller, KEY_CHANNEL), proof);
      isNew = operation !== null;
    }
    if (!isNew) throw serverErrors.SIGNATURE_REPLAYED('this request was sent before');
    recorder.keyUsed(accessId, caller, place);
    const stillHolds = async () => (await keys.find(accessId))?.isLocked === false;
    return { ...caller, by: 'signature', rights: key.rights, stillHolds, token: null, operation };
  }

  function isSignedBy(key: SigningKey, request: FastifyRequest): boolean {
    const hosts = hostCandidates({
      host: request.headers.host,
      publicHosts,
      listenPort: request.socket.localPort ?? port(),
      secure: isSecure(request),
    });
    const { method, headers } = request;
    const signed = { method, hosts, target: request.raw.url ?? '/', headers };
    return secretsOf(key).some((secret) => verifyNative({ ...signed, secret }));
  }

  async function cookieCaller(request: FastifyRequest, asked: Asked | undefined): Promise<NativeCaller> {
    const token = cookieOf(request, cookieName());
    const caller = token === undefined ? null : await calls.sessionCaller(token);
    if (token === undefined || caller === null)
      throw serverErrors.NATIVE_NOT_SIGNED_IN('you are not signed in');
    checkCsrf(request);
    await addresses.check(caller.accountId, addressOf(request));
    const isRecorded = asked?.record !== undefined && !SAFE_METHODS.has(request.method);
    const operation = isRecorded
      ? await recorder.begin(factsOf(request, asked.record!(caller), caller, PAGE_CHANNEL), null)
      : null;
    const stillHolds = async () => (await calls.sessionCaller(token)) !== null;
    return { ...caller, by: 'cookie', rights: 'full', stillHolds, token, operation };
  }

  return {
    caller: (request, asked) =>
      request.headers[NATIVE_HEADERS.accessId] === undefined
        ? cookieCaller(request, asked)
        : signedCaller(request, asked),
    cookieName,
  };
}

function factsOf(
  request: FastifyRequest,
  told: Omit<OperationFacts, 'caller' | 'channel' | 'address' | 'uri'>,
  caller: Caller,
  channel: number,
): OperationFacts {
  return { ...told, caller, channel, address: addressOf(request), uri: pathOf(request) };
}

/** Where a request came from, as records tell it. */
export function placeOf(request: FastifyRequest): CallPlace {
  const userAgent = request.headers['user-agent'] ?? '';
  return { address: addressOf(request), userAgent, traceId: String(request.id) };
}

/** Throws NATIVE_CSRF unless a page of ours sent the request. */
export function checkCsrf(request: FastifyRequest): void {
  if (SAFE_METHODS.has(request.method)) return;
  if (request.headers['x-croft-csrf'] !== '1') {
    throw serverErrors.NATIVE_CSRF('requests with a cookie need the header x-croft-csrf');
  }
}

/** The signed hash must be that of a body in memory, and of nothing where a request can have no body. */
function checkBody(request: FastifyRequest, bodySha256: string): void {
  const bytes = Buffer.isBuffer(request.body) ? request.body : SAFE_METHODS.has(request.method) ? '' : null;
  if (bytes !== null && bodySha256 !== sha256Hex(bytes)) {
    throw serverErrors.SIGNATURE_INVALID('the body is not the one that was signed');
  }
}

function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
