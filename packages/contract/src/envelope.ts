/**
 * The envelope around every answer of the Renderbus API. The real SDK ignores the HTTP status and needs `code` as a
 * number, `data` on success and `message` on failure, so all keys are always there and the status is always 200.
 */
import { API_CODES, apiCodeFacts } from './api-codes.ts';

export interface Envelope<Data = unknown> {
  readonly version: string;
  readonly result: boolean;
  readonly message: string;
  readonly code: number;
  /** Milliseconds since 1970 UTC. */
  readonly serverTime: number;
  readonly data: Data;
  readonly requestId: string;
}

/** What an answer says about its request. */
export interface RequestContext {
  readonly nowMs: number;
  /** Made once for a request by `requestIdOf`; it is in the log too. */
  readonly requestId: string;
  /** The request's `version` header, which is echoed; default 2.0.0. */
  readonly version?: string | undefined;
}

const DEFAULT_VERSION = '2.0.0';
const REQUEST_ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** An answer of success; `data` undefined is told as null, since the key must be there. */
export function okEnvelope<Data>(data: Data, context: RequestContext): Envelope<Data | null> {
  return envelope(API_CODES.success.code, API_CODES.success.message, data ?? null, context);
}

/**
 * An answer of failure. `code` is one of `API_CODES`; another number becomes 500. `message` is the code's own word
 * unless a better one is given; clients show it to people.
 */
export function errorEnvelope(
  code: number,
  context: RequestContext,
  { message, data = null }: { message?: string; data?: unknown } = {},
): Envelope {
  const facts = apiCodeFacts(code);
  return envelope(facts.code, message ?? facts.message, data, context);
}

/**
 * An id for a request in the documented form: six letters or digits, the service's name in base64 without padding, the
 * time in milliseconds, joined by `-`. `random` gives 0 ≤ x < 1. The name must be ASCII.
 */
export function requestIdOf(request: { nowMs: number; random: () => number; service?: string }): string {
  const letters = Array.from(
    { length: 6 },
    () => REQUEST_ID_LETTERS[Math.floor(request.random() * REQUEST_ID_LETTERS.length)],
  ).join('');
  const service = btoa(request.service ?? 'Croft').replaceAll('=', '');
  return `${letters}-${service}-${request.nowMs}`;
}

function envelope<Data>(code: number, message: string, data: Data, context: RequestContext): Envelope<Data> {
  return {
    version: versionToEcho(context.version),
    result: code === API_CODES.success.code,
    message,
    code,
    serverTime: context.nowMs,
    data,
    requestId: context.requestId,
  };
}

/** A version header is a stranger's text: only what looks like a version is sent back. */
function versionToEcho(version: string | undefined): string {
  return version !== undefined && /^[\w.-]{1,32}$/.test(version) ? version : DEFAULT_VERSION;
}
