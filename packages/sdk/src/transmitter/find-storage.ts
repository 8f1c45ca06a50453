/**
 * Finding the farm and what the storage id opens there. The command line names no scheme: TLS is tried first, so that
 * the storage id never travels in the clear to a farm that speaks TLS, and plain HTTP only where what answers speaks no
 * TLS at all. Whoever wants no plain HTTP whatever answers says so in the environment (`scheme`).
 */
import { randomUUID } from 'node:crypto';
import {
  type Clock,
  CroftError,
  coerceError,
  HEADER_ACCOUNT,
  HEADER_STORAGE,
  SECOND,
  storageReplySchema,
  systemCodesOf,
  type TreeRoot,
} from '@croft/contract';
import { signNative } from '@croft/contract/signing';
import type { Authorise } from '@croft/transfer';
import { sdkErrors } from '../errors.ts';
import { exchange } from '../http.ts';
import { sleep } from '../retry.ts';
import type { TransmitOrder } from './arguments.ts';
import { farmUrl } from './farm-host.ts';

/** Where a storage is, and the pair that opens it. */
export type StorageAddress = Pick<TransmitOrder, 'host' | 'port' | 'storageId' | 'accountId' | 'retries'>;

export interface AccessKey {
  readonly accessId: string;
  readonly accessKey: string;
}

export interface Storage {
  readonly root: TreeRoot;
  readonly baseUrl: string;
  readonly authorise: Authorise;
}

export interface FindStorageParts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Signs requests besides; a key that the farm does not know is left out, with a word. */
  readonly key: AccessKey | null;
  /** null finds out. */
  readonly scheme: 'http' | 'https' | null;
  readonly say: (text: string) => void;
  /** Further headers of the first question, which the farm checks. */
  readonly proof?: Readonly<Record<string, string>>;
}

const FIRST_WAIT_MS = 0.5 * SECOND;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const TARGET = '/transfer/v1/storage';
/** What OpenSSL says when the other side answers in plain text. */
const NO_TLS = /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/;

/** Throws TRANSFER_STORAGE_REFUSED, SDK_TRANSMIT_USAGE (no such host), SDK_FARM_UNREACHABLE, SDK_NOT_TRUSTED and the farm's own errors. */
export async function findStorage(order: StorageAddress, parts: FindStorageParts): Promise<Storage> {
  for (let tried = 0; ; tried++) {
    try {
      return await findOnce(order, parts);
    } catch (thrown) {
      const error = coerceError(thrown);
      if (!isPassing(error) || tried >= order.retries || parts.signal.aborted) throw error;
      parts.say(`${error.message}; trying again`);
      await sleep(parts.clock, FIRST_WAIT_MS * 2 ** Math.min(tried, 5), parts.signal);
    }
  }
}

async function findOnce(order: StorageAddress, parts: FindStorageParts): Promise<Storage> {
  try {
    return await askWithKey(order, parts, parts.scheme ?? 'https');
  } catch (thrown) {
    if (parts.scheme !== null || !speaksNoTls(thrown)) throw thrown;
    return askWithKey(order, parts, 'http');
  }
}

async function askWithKey(
  order: StorageAddress,
  parts: FindStorageParts,
  scheme: 'http' | 'https',
): Promise<Storage> {
  try {
    return await ask(order, parts, scheme, parts.key);
  } catch (thrown) {
    const isOther = thrown instanceof CroftError && thrown.code.startsWith('SIGNATURE_');
    if (parts.key === null || !isOther) throw thrown;
    parts.say(`the access key of the environment is not used: ${thrown.message}`);
    return ask(order, parts, scheme, null);
  }
}

async function ask(
  order: StorageAddress,
  { clock, signal, proof = {} }: FindStorageParts,
  scheme: 'http' | 'https',
  key: AccessKey | null,
): Promise<Storage> {
  const baseUrl = farmUrl(scheme, order.host, order.port);
  const authorise = authoriser(order, new URL(baseUrl).host, key, clock);
  const headers = { ...(await authorise('GET', TARGET, EMPTY_SHA256)), ...proof };
  const response = await exchange(fetch, new URL(baseUrl + TARGET), { method: 'GET', headers, signal });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw errorOf(body, response.status, baseUrl);
  const reply = storageReplySchema.safeParse(body);
  if (!reply.success) throw noFarm(baseUrl);
  return { root: reply.data.root, baseUrl, authorise };
}

function authoriser(order: StorageAddress, host: string, key: AccessKey | null, clock: Clock): Authorise {
  const pair = { [HEADER_STORAGE]: order.storageId, [HEADER_ACCOUNT]: order.accountId };
  if (key === null) return () => pair;
  return (method, target, bodySha256) => ({
    ...pair,
    ...signNative({
      method,
      host,
      target,
      accessId: key.accessId,
      secret: key.accessKey,
      timestampSeconds: Math.floor(clock.now() / SECOND),
      nonce: randomUUID(),
      bodySha256,
    }),
  });
}

function errorOf(body: unknown, status: number, baseUrl: string): CroftError {
  const { code, message, exit, hint } = (body ?? {}) as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string' || typeof exit !== 'number')
    return status >= 500 ? sdkErrors.SDK_SERVER_BUSY(`${baseUrl} answered ${status}`) : noFarm(baseUrl);
  return CroftError.from({ code, message, status, exit, ...(typeof hint === 'string' ? { hint } : {}) });
}

function noFarm(baseUrl: string): CroftError {
  return sdkErrors.SDK_REPLY_INVALID(`${baseUrl} does not answer as a Croft farm does`);
}

function isPassing(error: Error): boolean {
  if (!(error instanceof CroftError)) return false;
  if (isUnknownHost(error)) return false;
  return (
    error.status === 429 ||
    ['SDK_FARM_UNREACHABLE', 'SDK_CONNECTION_LOST', 'SDK_SERVER_BUSY'].includes(error.code)
  );
}

/** The name means no machine: that is a mistake on the command line, not a farm that is away. */
export function isUnknownHost(error: unknown): boolean {
  return systemCodesOf(error).includes('ENOTFOUND');
}

function speaksNoTls(thrown: unknown): boolean {
  return systemCodesOf(thrown).some((code) => NO_TLS.test(code));
}
