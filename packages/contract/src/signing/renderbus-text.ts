/**
 * The string that a Renderbus request signs.
 *
 *   [POST]<domain>:<path>&key=value&key=value…
 *
 * Six headers and the members of the body make one map; on the same key the body wins. The map is flattened: a member
 * of an object adds `.name`, an element of an array its 0-based index without separator, scalars are leaves, empty
 * arrays and objects are nothing. The leaves are sorted by Unicode code point and joined unescaped.
 *
 * Values read as Python's `str()` gives them: True, False, None; texts as they are; numbers as they stand in the JSON.
 * The last is right because clients send `json.dumps` output, where `repr` and `str` of a number agree. A client that
 * writes `1E5` or `-0` by hand signs whatever it signs; there is no rule to follow, and the lexeme is the best guess.
 * Only NaN and the infinities differ: `nan`, `inf`, `-inf`.
 *
 * Source: compatibility notes, section 2, checked against requests of the real SDK.
 */
import type { RawJson } from '../raw-json.ts';

/** Header names as they are signed. On the wire they are looked up in any case. */
export const SIGNED_RENDERBUS_HEADERS = [
  'accessId',
  'channel',
  'platform',
  'UTCTimestamp',
  'nonce',
  'version',
] as const;

/** Incoming headers, as Node gives them. */
export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RenderbusRequest {
  /** What the client was configured with: host, port and prefix, verbatim. */
  readonly domain: string;
  /** Path of the request without prefix and query. */
  readonly path: string;
  readonly headers: IncomingHeaders;
  /** A JSON object; another value signs nothing of its own. */
  readonly body: RawJson;
}

/** Characters of leaves that one request may flatten to; keys repeat in every leaf, so this can exceed the body. */
export const MAX_SIGNED_CHARACTERS = 16 * 1024 * 1024;

export function renderbusStringToSign({ domain, path, headers, body }: RenderbusRequest): string {
  return signedPrefix(domain, path) + joinedLeaves(signedLeaves(signedMap(headers, body), renderScalar));
}

export function signedPrefix(domain: string, path: string): string {
  return `[POST]${domain}:${path}`;
}

/** Headers under their canonical names, then the members of the body over them. */
export function signedMap(headers: IncomingHeaders, body: RawJson): Map<string, RawJson> {
  const map = new Map<string, RawJson>();
  for (const name of SIGNED_RENDERBUS_HEADERS) {
    const text = headerOf(headers, name);
    if (text !== undefined) map.set(name, { kind: 'string', text });
  }
  if (body.kind === 'object') for (const [key, value] of body.members) map.set(key, value);
  return map;
}

/** A header by its name in any case; undefined where it is absent or came more than once. */
export function headerOf(headers: IncomingHeaders, name: string): string | undefined {
  const lower = name.toLowerCase();
  const direct = headers[lower] ?? headers[name];
  if (direct !== undefined) return typeof direct === 'string' ? direct : undefined;
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === lower) return typeof value === 'string' ? value : undefined;
  }
  return undefined;
}

/** Text of a leaf, or undefined for an array or object that is to be flattened further. */
export type LeafText = (value: RawJson) => string | undefined;

/** Flattened key → text, later leaves over earlier ones. Throws RangeError beyond MAX_SIGNED_CHARACTERS. */
export function signedLeaves(map: ReadonlyMap<string, RawJson>, leafText: LeafText): Map<string, string> {
  const leaves = new Map<string, string>();
  let characters = 0;
  const flatten = (key: string, value: RawJson): void => {
    const text = leafText(value);
    if (text !== undefined) {
      characters += key.length + text.length + 2;
      if (characters > MAX_SIGNED_CHARACTERS)
        throw new RangeError('the request flattens to too much text to sign');
      leaves.set(key, text);
    } else if (value.kind === 'array') {
      for (const [index, item] of value.items.entries()) flatten(`${key}${index}`, item);
    } else if (value.kind === 'object') {
      for (const [name, member] of value.members) flatten(key === '' ? name : `${key}.${name}`, member);
    }
  };
  for (const [key, value] of map) flatten(key, value);
  return leaves;
}

/** `&key=value` for each leaf, in order. */
export function joinedLeaves(leaves: ReadonlyMap<string, string>): string {
  const sorted = [...leaves.keys()].sort(compareCodePoints);
  return sorted.map((key) => `&${key}=${leaves.get(key)}`).join('');
}

export function renderScalar(value: RawJson): string | undefined {
  switch (value.kind) {
    case 'string':
      return value.text;
    case 'number':
      return pythonNumber(value.lexeme);
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'null':
      return 'None';
    default:
      return undefined;
  }
}

function pythonNumber(lexeme: string): string {
  switch (lexeme) {
    case 'NaN':
      return 'nan';
    case 'Infinity':
      return 'inf';
    case '-Infinity':
      return '-inf';
    default:
      return lexeme;
  }
}

/**
 * Order by code point. JavaScript compares UTF-16 units, where an astral character (D800…) comes before U+E000–U+FFFF;
 * Python puts it behind.
 */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates behind all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
