/** What is told of an access key: when it is made, in a list, and to the door that checks a signature. */
import type { KeyRights } from '../store/tables/accounts.ts';
import type { Caller } from './caller.ts';

export interface CreatedKey {
  accessId: string;
  accessKey: string;
  accountId: number;
}
export interface RotatedKey extends CreatedKey {
  /** Until when the old secret works too; null where it ended at once. */
  previousUntil: number | null;
}
export interface KeyRow {
  accessId: string;
  accountId: number;
  name: string;
  rights: KeyRights;
  createdAt: number;
  rotatedAt: number | null;
  previousUntil: number | null;
  disabledAt: number | null;
}
export interface SigningSecret {
  secret: string;
  /** The secret before a rotation, while it still works. */
  previousSecret: string | null;
  rights: KeyRights;
  /** The key is disabled, or its account is locked: a request that it signed is refused with 804. */
  isLocked: boolean;
  caller: Caller;
}
