/** What doors and the command line do with access keys. `byId` is the account that asks. */
import type { CallParts } from '../call-parts.ts';
import type { KeyRights } from '../store/tables/accounts.ts';
import type { CreatedKey, KeyRow, RotatedKey, SigningSecret } from './access-key.ts';
import { createKey, disableKey, keySecret, listKeys, refuseForeignKeys, rotateKey } from './access-keys.ts';

export interface KeyCalls {
  /** What checks a signature; null for an unknown key. A locked one is answered too, see `isLocked`. */
  keySecret(accessId: string): Promise<SigningSecret | null>;
  /** A key of the account, for whoever may have one; rights are 'full' unless said otherwise. */
  createKey(accountId: number, name: string, rights?: KeyRights): Promise<CreatedKey>;
  /** The same for another account, by its main account or an administrator. */
  createKeyFor(byId: number, accountId: number, name: string, rights?: KeyRights): Promise<CreatedKey>;
  listKeys(byId: number, accountId: number): Promise<KeyRow[]>;
  /** A new secret; the old one works on for `graceMs` (default a day, 30 days at most). */
  rotateKey(byId: number, accessId: string, graceMs?: number): Promise<RotatedKey>;
  disableKey(byId: number, accessId: string): Promise<void>;
}

export function keyCalls({ db, writer, clock, masterKey }: CallParts): KeyCalls {
  return {
    keySecret: (accessId) => keySecret(db, masterKey, accessId, clock.now()),
    createKey: (accountId, name, rights) =>
      writer.run((tx) => createKey(tx, masterKey, accountId, name, rights)),
    createKeyFor: (byId, accountId, name, rights) =>
      writer.run(async (tx) => {
        await refuseForeignKeys(tx.db, byId, accountId);
        return createKey(tx, masterKey, accountId, name, rights);
      }),
    listKeys: (byId, accountId) => listKeys(db, byId, accountId),
    rotateKey: (byId, accessId, graceMs) =>
      writer.run((tx) => rotateKey(tx, masterKey, byId, accessId, graceMs)),
    disableKey: (byId, accessId) => writer.run((tx) => disableKey(tx, byId, accessId)),
  };
}
