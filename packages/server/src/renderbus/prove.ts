/**
 * Reads a body and proves its signature: the part of a call that costs time in proportion to its length. Pure, so that it
 * can run in the door's thread for the small bodies of nearly all calls, and in another thread for long ones.
 */
import {
  EMPTY_RAW_OBJECT,
  parseRawJson,
  plainValue,
  verifyRenderbusSignature,
} from '@croft/contract/signing';

/** Nothing of this API nests deeper than a few levels. */
const MOST_DEPTH = 32;
/** Four times the longest list of ids that a field takes; more would hold up the door while it is read. */
const MOST_VALUES = 20_000;

export interface ToProve {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Host spellings under which the client may have signed. */
  readonly hosts: readonly string[];
  readonly path: string;
  /** Any of these may have signed: a key has two for a time after a rotation. */
  readonly secrets: readonly string[];
}

/** `input` is there only where the signature fits. */
export type Proof =
  | { readonly isProven: true; readonly isObject: boolean; readonly input: unknown }
  | { readonly isProven: false };

/** Throws JSON_INVALID. */
export function prove({ bytes, headers, hosts, path, secrets }: ToProve): Proof {
  const body =
    bytes.length === 0
      ? EMPTY_RAW_OBJECT
      : parseRawJson(bytes, { maxDepth: MOST_DEPTH, maxValues: MOST_VALUES });
  const isProven = secrets.some((secret) => verifyRenderbusSignature({ hosts, path, headers, body, secret }));
  if (!isProven) return { isProven };
  return { isProven, isObject: body.kind === 'object', input: plainValue(body) };
}
