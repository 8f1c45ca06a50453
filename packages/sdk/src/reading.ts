/**
 * Reading of replies whose shape is a promise of the other side. A reader takes one field and says which one was wrong,
 * so that a reply of some other program becomes one clear error and never an `undefined` somewhere later.
 */
import { sdkErrors } from './errors.ts';

export type Json = Record<string, unknown>;

function wrong(what: string): never {
  throw sdkErrors.SDK_REPLY_INVALID(`the farm's reply has no usable ${what}`);
}

export function objectOf(value: unknown, what: string): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : wrong(what);
}

/** A list; null counts as empty, as the API's lists may be null. */
export function listOf(value: unknown, what: string): unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : wrong(what);
}

/** A number, also where the API spells it as text. */
export function numberOf(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : wrong(what);
}

/** Text, also where the API sends a number. */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : wrong(what);
}

/** Text or null; absent is null. */
export function textOrNull(value: unknown, what: string): string | null {
  return value === null || value === undefined ? null : textOf(value, what);
}
