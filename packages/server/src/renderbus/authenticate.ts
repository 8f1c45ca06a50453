/**
 * Who sent a Renderbus request (compat-api, sections 2.4 and 2.5). Two steps, so that nobody without a known key and a
 * fresh time can make the server read a long body:
 *
 *   1. headers: present (601), well formed (603), inside the time window (610), a known key (611)
 *   2. body:    signature over the raw bytes (611), key and account not disabled (804), the account's addresses (812), rights
 *               of the key (605), then the nonce (603 for a replay)
 *
 * A replay is the same signature again, not the same nonce: SDKs draw nonces of six digits, and a busy script draws one twice in
 * a second now and then. A signature has one text only (`renderbus-signing.ts`), so nobody can dress it anew.
 *
 * The nonce is asked last: otherwise a stranger could use up nonces of others. The first step is here, the second in
 * `carry-out.ts`.
 */
import { readRenderbusSigner } from '@croft/contract/signing';
import { serverErrors } from '../errors.ts';
import type { KeyCache, SigningKey } from '../http/key-cache.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A signer whose headers are in order; the signature itself is not proven yet. */
export interface ClaimedSigner {
  readonly accessId: string;
  readonly timestampSeconds: number;
  /** What no second request may bear: nonce and signature. */
  readonly once: string;
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
  return { accessId: accessId!, timestampSeconds, once: `${nonce} ${signature}`, key };
}
