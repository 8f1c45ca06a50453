/**
 * `repr()` of Python 3 for the values that JSON can hold. Needed for one habit of real clients: a caller that passes a
 * tuple sends a JSON array but signs the tuple's repr, `('a', 'b')`.
 */
import type { RawJson } from '../raw-json.ts';
import { renderScalar } from './renderbus-text.ts';

/** `('a', 1)`; one element keeps its comma, `('a',)`; none is `()`. */
export function pythonTupleRepr(items: readonly RawJson[]): string {
  const texts = items.map(pythonRepr);
  return texts.length === 1 ? `(${texts[0]},)` : `(${texts.join(', ')})`;
}

function pythonRepr(value: RawJson): string {
  switch (value.kind) {
    case 'string':
      return pythonStringRepr(value.text);
    case 'array':
      return `[${value.items.map(pythonRepr).join(', ')}]`;
    case 'object':
      return `{${[...value.members].map(([key, member]) => `${pythonStringRepr(key)}: ${pythonRepr(member)}`).join(', ')}}`;
    default:
      return renderScalar(value) ?? '';
  }
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Single quotes unless the text holds one and no double quote; what Python calls unprintable is escaped. */
export function pythonStringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let inner = '';
  for (const character of text) {
    if (character === quote) inner += `\\${quote}`;
    else inner += NAMED.get(character) ?? (isPrintable(character) ? character : escaped(character));
  }
  return quote + inner + quote;
}

/** Python's isprintable: no control, format, surrogate, private or unassigned character, no separator but the space. */
function isPrintable(character: string): boolean {
  return character === ' ' || !/[\p{C}\p{Z}]/u.test(character);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
