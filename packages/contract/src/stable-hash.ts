/**
 * FNV-1a, 32 bits, unsigned: makes ids that must be the same for the same words for ever, on every machine and after
 * every restart. No protection against anybody who looks for equal ones.
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}
