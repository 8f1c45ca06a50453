/**
 * A JSON reader that keeps what a signature needs and `JSON.parse` throws away: the text of every number (`1.0` stays
 * `1.0`) and the order of members. It reads what Python's `json` writes, so it also takes `NaN`, `Infinity` and
 * `-Infinity`, and of a key that comes twice the first place and the last value, as a Python dict does.
 *
 * Hostile input: one pass without backtracking, depth and number of values are bounded, the text must be UTF-8 without a
 * byte order mark. How many bytes may come at all is the caller's limit. Escaped lone surrogates are kept, as in Python.
 */
import { type CroftError, coerceError, defineErrors, EXIT } from './croft-error.ts';

/** 603 is the API's word for a request that is not in its protocol. */
export const jsonErrors = defineErrors({
  JSON_INVALID: {
    status: 400,
    apiCode: 603,
    exit: EXIT.badInput,
    hint: 'Give one JSON value as UTF-8 without a byte order mark, nested at most 64 deep.',
  },
});

export type RawJson =
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, RawJson> }
  | { readonly kind: 'array'; readonly items: readonly RawJson[] }
  | { readonly kind: 'string'; readonly text: string }
  /** `lexeme` is the number exactly as it was written, or `NaN`, `Infinity`, `-Infinity`. */
  | { readonly kind: 'number'; readonly lexeme: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

export type RawObject = Extract<RawJson, { kind: 'object' }>;

export interface RawJsonLimits {
  /** Arrays and objects inside each other; default 64. */
  readonly maxDepth?: number;
  /** Values in all; default 1,000,000. */
  readonly maxValues?: number;
}

/** What an absent body means to the Renderbus API: `{}`. */
export const EMPTY_RAW_OBJECT: RawObject = { kind: 'object', members: new Map() };

const NULL: RawJson = { kind: 'null' };
const TRUE: RawJson = { kind: 'boolean', value: true };
const FALSE: RawJson = { kind: 'boolean', value: false };

/** Reads one JSON value; throws JSON_INVALID, which names the place in characters. */
export function parseRawJson(bytes: Uint8Array, limits: RawJsonLimits = {}): RawJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (thrown) {
    throw jsonErrors.JSON_INVALID('the JSON is not valid UTF-8', { cause: coerceError(thrown) });
  }
  return new RawJsonReader(text, limits).document();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS: ReadonlyMap<string, readonly [word: string, value: RawJson]> = new Map([
  ['t', ['true', TRUE]],
  ['f', ['false', FALSE]],
  ['n', ['null', NULL]],
  ['N', ['NaN', { kind: 'number', lexeme: 'NaN' }]],
  ['I', ['Infinity', { kind: 'number', lexeme: 'Infinity' }]],
]);
const MINUS_INFINITY: RawJson = { kind: 'number', lexeme: '-Infinity' };
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class RawJsonReader {
  #at = 0;
  #values = 0;
  #depth = 0;
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #maxValues: number;

  constructor(text: string, limits: RawJsonLimits) {
    this.#text = text;
    this.#maxDepth = limits.maxDepth ?? 64;
    this.#maxValues = limits.maxValues ?? 1_000_000;
  }

  document(): RawJson {
    if (this.#text.startsWith('\ufeff')) throw this.#wrong('there is a byte order mark');
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#wrong('there is more text after the value');
    return value;
  }

  /** Recursion is bounded by `maxDepth`, which `#enter` counts. */
  #value(): RawJson {
    if (++this.#values > this.#maxValues) throw this.#wrong(`there are more than ${this.#maxValues} values`);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return { kind: 'string', text: this.#string() };
    const word = first === undefined ? undefined : WORDS.get(first);
    if (word && this.#text.startsWith(word[0], this.#at)) {
      this.#at += word[0].length;
      return word[1];
    }
    return this.#number();
  }

  #object(): RawJson {
    const members = new Map<string, RawJson>();
    this.#enter();
    if (!this.#take('}')) {
      do {
        this.#skipSpace();
        if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#wrong('a member name is expected');
        const key = this.#string();
        this.#skipSpace();
        if (!this.#take(':')) throw this.#wrong('":" is expected');
        this.#skipSpace();
        members.set(key, this.#value());
        this.#skipSpace();
      } while (this.#take(','));
      if (!this.#take('}')) throw this.#wrong('"," or "}" is expected');
    }
    this.#depth--;
    return { kind: 'object', members };
  }

  #array(): RawJson {
    const items: RawJson[] = [];
    this.#enter();
    if (!this.#take(']')) {
      do {
        this.#skipSpace();
        items.push(this.#value());
        this.#skipSpace();
      } while (this.#take(','));
      if (!this.#take(']')) throw this.#wrong('"," or "]" is expected');
    }
    this.#depth--;
    return { kind: 'array', items };
  }

  #enter(): void {
    if (++this.#depth > this.#maxDepth) throw this.#wrong(`it is nested more than ${this.#maxDepth} deep`);
    this.#at++;
    this.#skipSpace();
  }

  #number(): RawJson {
    NUMBER.lastIndex = this.#at;
    const lexeme = NUMBER.exec(this.#text)?.[0];
    if (lexeme !== undefined) {
      this.#at += lexeme.length;
      return { kind: 'number', lexeme };
    }
    if (this.#text.startsWith(MINUS_INFINITY_TEXT, this.#at)) {
      this.#at += MINUS_INFINITY_TEXT.length;
      return MINUS_INFINITY;
    }
    throw this.#wrong('a value is expected');
  }

  /** Reads from the opening quote to behind the closing one; runs without escapes are taken in one slice. */
  #string(): string {
    const text = this.#text;
    let read = '';
    let runStart = ++this.#at;
    for (;;) {
      const unit = text.charCodeAt(this.#at);
      if (unit === QUOTE) {
        read += text.slice(runStart, this.#at++);
        return read;
      }
      if (unit === BACKSLASH) {
        read += text.slice(runStart, this.#at) + this.#escape();
        runStart = this.#at;
      } else if (unit >= 0x20) {
        this.#at++;
      } else {
        throw this.#wrong(
          Number.isNaN(unit) ? 'a string does not end' : 'a string holds a control character',
        );
      }
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#wrong('there is an unknown escape');
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.#at++;
    }
  }

  #wrong(what: string): CroftError {
    return jsonErrors.JSON_INVALID(`the JSON is wrong at character ${this.#at}: ${what}`);
  }
}

const MINUS_INFINITY_TEXT = '-Infinity';

/**
 * The value as JavaScript has it. Numbers become JS numbers, but an integer beyond ±(2^53 − 1) becomes a string of its
 * digits, so that no id is rounded. A member named `__proto__` is left out: copied by an assignment further on it would
 * replace a prototype.
 */
export function plainValue(raw: RawJson): unknown {
  switch (raw.kind) {
    case 'object': {
      const plain: Record<string, unknown> = {};
      for (const [key, value] of raw.members) if (key !== '__proto__') plain[key] = plainValue(value);
      return plain;
    }
    case 'array':
      return raw.items.map(plainValue);
    case 'string':
      return raw.text;
    case 'number':
      return plainNumber(raw.lexeme);
    case 'boolean':
      return raw.value;
    case 'null':
      return null;
  }
}

function plainNumber(lexeme: string): number | string {
  const number = Number(lexeme);
  if (!/^-?\d+$/.test(lexeme)) return number;
  if (!Number.isSafeInteger(number)) return lexeme;
  return number === 0 ? 0 : number;
}
