/** Values of task.json, which people and several programs write: numbers come as texts, and anything may be absent. */
import { dccErrors } from '../../errors.ts';

export class Values {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(values: unknown, path = '') {
    this.#values = typeof values === 'object' && values !== null ? { ...values } : {};
    this.#path = path;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#values).length === 0;
  }

  /** Whether anything is said, be it an empty list. */
  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  inside(key: string): Values {
    return new Values(this.#values[key], `${this.#path}${key}.`);
  }

  /** Text, or a number as text; '' where there is nothing. */
  text(key: string): string {
    const value = this.#values[key];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  }

  texts(key: string): string[] {
    const value = this.#values[key];
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
    return typeof value === 'string' && value !== '' ? [value] : [];
  }

  /** The objects of a list; whatever else it holds is left out. */
  list(key: string): Values[] {
    const value = this.#values[key];
    if (!Array.isArray(value)) return [];
    return value
      .filter((item) => typeof item === 'object' && item !== null)
      .map((item) => new Values(item, `${this.#path}${key}.`));
  }

  flag(key: string, absent = false): boolean {
    const value = this.#values[key];
    if (value === undefined || value === null || value === '') return absent;
    return value === true || value === 1 || value === '1' || value === 'true' || value === 'True';
  }

  integer(key: string, absent: number, least: number, most: number): number {
    return this.integerOrNull(key, least, most) ?? absent;
  }

  /** null where there is nothing. Throws DCC_SETTING_INVALID for anything else than a whole number within the limits. */
  integerOrNull(key: string, least: number, most: number): number | null {
    const text = this.text(key).trim();
    if (text === '') return null;
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw dccErrors.DCC_SETTING_INVALID(
        `${this.#path}${key} is "${text.slice(0, 40)}", not a whole number from ${least} to ${most}`,
      );
    }
    return value;
  }
}
