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
import type { Caller, FarmCalls, KeyRights } from '@croft/farm';
import type { FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import { createKeyCache } from '../http/key-cache.ts';
import { fittingSecret } from '../http/key-rights.ts';
import { isSecure } from '../http/request-facts.ts';
import { createReplayMemory } from '../renderbus/replay.ts';

export interface NativeCaller extends Caller {
  /** How the caller came in, told apart by the transfer door. */
  readonly by: 'signature' | 'cookie';
  /** What the key may be used for; 'full' for a session. */
  readonly rights: KeyRights;
  /** Whether the session or the access key behind the request still holds: a long stream asks again and again. */
  stillHolds(): Promise<boolean>;
}

export interface NativeAuthenticator {
  /**
   * The caller, or throws NATIVE_NOT_SIGNED_IN, NATIVE_CSRF or a SIGNATURE_* error. A buffered body is checked against
   * the signed hash; a body that is read as a stream is the route's to check (its blob id, or `bodyOf`).
   */
  caller(request: FastifyRequest): Promise<NativeCaller>;
  /** Name of the session cookie: with the port, since cookies of one host are shared by all its ports. */
  cookieName(): string;
}

export interface NativeAuthenticationParts {
  readonly calls: FarmCalls;
  readonly clock: Clock;
  readonly publicHosts: readonly string[];
  readonly signatureWindowMs: number;
  readonly port: () => number;
}

const SAFE_METHODS = new Set(['GET', 'HEAD']);

export function createNativeAuthenticator(parts: NativeAuthenticationParts): NativeAuthenticator {
  const { calls, clock, publicHosts, signatureWindowMs, port } = parts;
  const keys = createKeyCache(calls, clock);
  const replays = createReplayMemory();
  const cookieName = () => `croft_session_${port()}`;

  async function signedCaller(request: FastifyRequest): Promise<NativeCaller> {
    const signer = readNativeSigner(request.headers);
    if (signer === undefined) throw serverErrors.SIGNATURE_INVALID('the croft-* headers are incomplete');
    const { accessId, timestampSeconds, nonce } = signer;
    if (Math.abs(clock.now() - timestampSeconds * 1000) > signatureWindowMs) {
      throw serverErrors.SIGNATURE_EXPIRED('the request was signed too long ago, or in the future');
    }
    const key = await keys.find(accessId);
    if (key === null) throw serverErrors.SIGNATURE_INVALID('the access id is unknown');
    const hosts = hostCandidates({
      host: request.headers.host,
      publicHosts,
      listenPort: request.socket.localPort ?? port(),
      secure: isSecure(request),
    });
    const signed = {
      method: request.method,
      hosts,
      target: request.raw.url ?? '/',
      headers: request.headers,
    };
    if (fittingSecret(key, (secret) => verifyNative({ ...signed, secret })) === undefined) {
      throw serverErrors.SIGNATURE_INVALID('the signature does not fit');
    }
    checkBody(request, signer.bodySha256);
    const isNew = SAFE_METHODS.has(request.method)
      ? replays.remember(accessId, timestampSeconds, nonce)
      : await calls.rememberNonce(accessId, timestampSeconds, nonce);
    if (!isNew) throw serverErrors.SIGNATURE_REPLAYED('this request was sent before');
    const stillHolds = async () => (await keys.find(accessId))?.isLocked === false;
    return { ...key.caller, by: 'signature', rights: key.rights, stillHolds };
  }

  async function cookieCaller(request: FastifyRequest): Promise<NativeCaller> {
    const token = cookieOf(request, cookieName());
    const caller = token === undefined ? null : await calls.sessionCaller(token);
    if (caller === null) throw serverErrors.NATIVE_NOT_SIGNED_IN('you are not signed in');
    checkCsrf(request);
    const stillHolds = async () => (await calls.sessionCaller(token!)) !== null;
    return { ...caller, by: 'cookie', rights: 'full', stillHolds };
  }

  return {
    caller: (request) =>
      request.headers[NATIVE_HEADERS.accessId] === undefined ? cookieCaller(request) : signedCaller(request),
    cookieName,
  };
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
