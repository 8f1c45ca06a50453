/**
 * What goes over the wire is checked before anything is sent, as the real SDK's schemas do: whole numbers where the API
 * wants them, and no optional value that is empty (falsy ones are left out). A wrong value is RayvisionError 600, a
 * missing one 601, and it is told at once, not after five tries.
 */
import type { Json } from '../reading.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';

export function wholeNumber(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw invalid(name, 'a whole number', value);
}

export function wholeNumbers(values: unknown, name: string): number[] {
  if (!Array.isArray(values)) throw invalid(name, 'a list of whole numbers', values);
  return values.map((value, index) => wholeNumber(value, `${name}[${index}]`));
}

/** A text that is not empty. */
export function neededText(value: unknown, name: string): string {
  if (value === '' || value === undefined || value === null)
    throw new RayvisionError(CLIENT_CODES.parameterMissing, `${name} is needed`);
  return anyText(value, name);
}

export function anyText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw invalid(name, 'text', value);
}

export function texts(values: unknown, name: string): string[] {
  if (!Array.isArray(values)) throw invalid(name, 'a list of texts', values);
  return values.map((value, index) => anyText(value, `${name}[${index}]`));
}

export function oneOf<const Allowed extends readonly unknown[]>(
  value: unknown,
  allowed: Allowed,
  name: string,
): Allowed[number] {
  if (allowed.includes(value)) return value as Allowed[number];
  throw invalid(name, `one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`, value);
}

/** The object without its empty members: undefined, null, '', 0 and lists of nothing are not sent. */
export function withoutEmpty(optional: Json): Json {
  return Object.fromEntries(
    Object.entries(optional).filter(([, value]) =>
      Array.isArray(value) ? value.length > 0 : Boolean(value),
    ),
  );
}

/** `check(value, name)`, or undefined where there is no value to check. */
export function optional<T>(
  value: unknown,
  check: (value: unknown, name: string) => T,
  name: string,
): T | undefined {
  return value === undefined || value === null ? undefined : check(value, name);
}

function invalid(name: string, wanted: string, value: unknown): RayvisionError {
  return new RayvisionError(
    CLIENT_CODES.parameterInvalid,
    `${name} must be ${wanted}, not ${JSON.stringify(value)?.slice(0, 100) ?? typeof value}`,
  );
}
