/**
 * Who sent a Renderbus request (compat-api, sections 2.4 and 2.5). Two steps, so that nobody without a known key and a
 * fresh time can make the server read a long body:
 *
 *   1. headers: present (601), well formed (603), inside the time window (610), a known key (611)
 *   2. body:    signature over the raw bytes (611), key and account not disabled (804), rights of the key (605), then the
 *               nonce (603 for a replay)
 *
 * The nonce is asked last: otherwise a stranger could use up nonces of others.
 */
import type { RawJson } from '@croft/contract/signing';
import { readRenderbusSigner, verifyRenderbusSignature } from '@croft/contract/signing';
import type { Caller, FarmCalls, KeyRights } from '@croft/farm';
import { serverErrors } from '../errors.ts';
import type { KeyCache, SigningKey } from '../http/key-cache.ts';
import { fittingSecret, refuseLesserKey } from '../http/key-rights.ts';
import type { ReplayMemory } from './replay.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A signer whose headers are in order; the signature itself is not proven yet. */
export interface ClaimedSigner {
  readonly accessId: string;
  readonly timestampSeconds: number;
  readonly nonce: string;
  readonly key: SigningKey;
}

export async function claimedSigner(
  headers: Headers,
  now: number,
  windowMs: number,
  keys: KeyCache,
): Promise<ClaimedSigner> {
  const { accessId, timestamp, nonce, signature } = readRenderbusSigner(headers);
  for (const [name, value] of Object.entries({ accessId, UTCTimestamp: timestamp, nonce, signature })) {
    if (!value) throw serverErrors.API_PARAMETER_MISSING(`the header ${name} is missing`);
  }
  if (!/^\d{1,12}$/.test(timestamp!)) {
    throw serverErrors.API_ILLEGAL('the header UTCTimestamp is no whole number of seconds');
  }
  if (nonce!.length > 128) throw serverErrors.API_ILLEGAL('the header nonce is too long');
  const timestampSeconds = Number(timestamp);
  if (Math.abs(now - timestampSeconds * 1000) > windowMs) {
    throw serverErrors.SIGNATURE_EXPIRED('the request was signed too long ago, or in the future');
  }
  const key = await keys.find(accessId!);
  if (key === null) throw serverErrors.SIGNATURE_INVALID('the access id is unknown');
  return { accessId: accessId!, timestampSeconds, nonce: nonce!, key };
}

export interface RequestToProve {
  readonly headers: Headers;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly body: RawJson;
  readonly mutates: boolean;
  /** What the key must be made for. */
  readonly needs: KeyRights;
}

/** Proves the claim and returns the caller. */
export async function provenCaller(
  claim: ClaimedSigner,
  request: RequestToProve,
  calls: FarmCalls,
  replays: ReplayMemory,
): Promise<Caller> {
  const { headers, hosts, path, body, mutates, needs } = request;
  const fits = (secret: string) => verifyRenderbusSignature({ hosts, path, headers, body, secret });
  if (fittingSecret(claim.key, fits) === undefined) {
    throw serverErrors.SIGNATURE_INVALID('the signature does not fit');
  }
  refuseLesserKey(claim.key.rights, needs);
  const { accessId, timestampSeconds, nonce } = claim;
  const isNew = mutates
    ? await calls.rememberNonce(accessId, timestampSeconds, nonce)
    : replays.remember(accessId, timestampSeconds, nonce);
  if (!isNew) throw serverErrors.SIGNATURE_REPLAYED('this request was sent before');
  return claim.key.caller;
}
