/**
 * What a key may be used for. Its rights are an order: whoever may do everything may also submit, and whoever may submit
 * may also look. Browsers' sessions have no key and may do what their account may.
 */
import type { KeyRights } from '@croft/farm';
import { serverErrors } from '../errors.ts';
import type { SigningKey } from './key-cache.ts';

const RANK: Record<KeyRights, number> = { read: 0, submit: 1, full: 2 };

/** Every secret that may have signed for the key: during a rotation there are two. */
export function secretsOf(key: SigningKey): readonly string[] {
  return key.previousSecret === null ? [key.secret] : [key.secret, key.previousSecret];
}

/** KEY_LOCKED (804) where the key or its account is disabled; asked once a signature is proven. */
export function refuseLockedKey(key: SigningKey): void {
  if (key.isLocked)
    throw serverErrors.KEY_LOCKED('the access key, or the account it belongs to, is disabled');
}

/** KEY_RIGHTS_TOO_FEW (605) for a key that was made for less. */
export function refuseLesserKey(has: KeyRights, needs: KeyRights): void {
  if (RANK[has] < RANK[needs])
    throw serverErrors.KEY_RIGHTS_TOO_FEW(
      `this needs a key with the rights "${needs}", and this one has "${has}"`,
    );
}
