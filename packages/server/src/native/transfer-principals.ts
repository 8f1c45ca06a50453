/**
 * Who asks at the transfer door: a node, with the bearer token of a live attempt; an account, as at the native API; or a
 * transmitter, with the pair of storage id and account id that the farm told its user, since nothing else is on its command
 * line. Such a pair opens one root of one account. Guessing is hopeless (18 digits) and slowed down per address besides.
 * The raysync service adds name and key of the account that uses the storage, and is refused where they are wrong.
 */
import {
  type Clock,
  HEADER_ACCOUNT,
  HEADER_RAYSYNC_KEY,
  HEADER_RAYSYNC_NAME,
  HEADER_STORAGE,
} from '@croft/contract';
import { NATIVE_HEADERS } from '@croft/contract/signing';
import type { Caller, FarmCalls, TreeRef } from '@croft/farm';
import type { FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import type { AddressGuard } from '../http/address-guard.ts';
import { createFailureLimit } from '../http/failure-limit.ts';
import { refuseLesserKey } from '../http/key-rights.ts';
import { addressOf } from '../http/request-facts.ts';
import { createStoragePairs, type StoragePair } from '../http/storage-pairs.ts';
import type { TransferPrincipal } from '../transfer-door/ports.ts';
import type { NativeAuthenticator, NativeCaller } from './authenticate.ts';

const READING = new Set(['GET', 'HEAD']);
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;
const STORAGE_ID = /^[1-9]\d{17}$/;
const ACCOUNT_ID = /^[1-9]\d{0,14}$/;

export function transferPrincipals(
  calls: Pick<FarmCalls, 'attemptGrant' | 'storageOwner' | 'outputIds' | 'raysyncOwner'>,
  authenticator: Pick<NativeAuthenticator, 'caller'>,
  clock: Clock,
  addresses: AddressGuard,
): (request: FastifyRequest) => Promise<TransferPrincipal> {
  const pairs = createStoragePairs(calls, clock);
  const raysyncGuesses = createFailureLimit(clock);

  async function attempt(authorization: string): Promise<TransferPrincipal> {
    const token = BEARER.exec(authorization)?.[1];
    const grant = token === undefined ? null : await calls.attemptGrant(token);
    if (grant === null) throw serverErrors.ATTEMPT_TOKEN_INVALID('this attempt is not live');
    return { kind: 'attempt', grant };
  }

  /** Who signed, with a key that is made for it: whoever sends bytes submits. */
  async function signer(request: FastifyRequest): Promise<NativeCaller> {
    const caller = await authenticator.caller(request);
    refuseLesserKey(caller.rights, READING.has(request.method) ? 'read' : 'submit');
    return caller;
  }

  /** Whether the caller may use this root at all; the farm has asked this of a storage id's holder, which may be another. */
  async function actsFor(caller: Caller, owner: TreeRef): Promise<boolean> {
    if (caller.accountId === owner.accountId) return true;
    if (owner.root === 'input') return caller.inputAccountId === owner.accountId;
    return owner.root === 'output' && (await calls.outputIds(caller.accountId, [owner.accountId])).length > 0;
  }

  async function account(request: FastifyRequest): Promise<TransferPrincipal> {
    const caller = await signer(request);
    return { kind: 'account', caller, bodySha256: promisedHash(request, caller) };
  }

  /** Throws RAYSYNC_ACCOUNT_REFUSED unless name and key belong together and to who may use the root. */
  async function checkRaysync(request: FastifyRequest, owner: TreeRef): Promise<void> {
    const name = request.headers[HEADER_RAYSYNC_NAME];
    const key = request.headers[HEADER_RAYSYNC_KEY];
    if (name === undefined && key === undefined) return;
    await raysyncGuesses.guard(request.ip, async () => {
      const caller = await calls.raysyncOwner(decodedName(name), typeof key === 'string' ? key : '');
      if (caller === null || !(await actsFor(caller, owner)))
        throw serverErrors.RAYSYNC_ACCOUNT_REFUSED('account and key do not open this storage');
    });
  }

  async function storage(request: FastifyRequest): Promise<TransferPrincipal> {
    const owner = await pairs.owner(request.ip, namedPair(request));
    await addresses.check(owner.accountId, addressOf(request));
    await checkRaysync(request, owner);
    const principal = {
      kind: 'account',
      caller: { accountId: owner.accountId, inputAccountId: owner.accountId },
      storage: owner.root,
    } as const;
    if (request.headers[NATIVE_HEADERS.accessId] === undefined) return principal;
    const caller = await signer(request);
    if (!(await actsFor(caller, owner)))
      throw serverErrors.SIGNATURE_INVALID('the key belongs to another account than the storage');
    return { ...principal, bodySha256: promisedHash(request, caller) };
  }

  return (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return attempt(authorization);
    const namesStorage =
      request.headers[HEADER_STORAGE] !== undefined || request.headers[HEADER_ACCOUNT] !== undefined;
    return namesStorage ? storage(request) : account(request);
  };
}

/** The pair, where it can be one at all. */
function namedPair(request: FastifyRequest): StoragePair | null {
  const bid = request.headers[HEADER_STORAGE];
  const accountId = request.headers[HEADER_ACCOUNT];
  if (typeof bid !== 'string' || !STORAGE_ID.test(bid)) return null;
  if (typeof accountId !== 'string' || !ACCOUNT_ID.test(accountId)) return null;
  return { bid, accountId: Number(accountId) };
}

/** '' for what is no name at all; nobody has that one. */
function decodedName(header: string | string[] | undefined): string {
  try {
    return decodeURIComponent(typeof header === 'string' ? header : '');
  } catch {
    return '';
  }
}

/** What a signature promises of the body; a cookie promises nothing. */
function promisedHash(request: FastifyRequest, caller: NativeCaller): string | undefined {
  const promised = request.headers[NATIVE_HEADERS.contentSha256];
  return caller.by === 'signature' && typeof promised === 'string' ? promised : undefined;
}
