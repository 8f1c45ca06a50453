/**
 * What a command is. Specs hold only words and a `run`, so that `croft --help` loads no farm: whatever is heavy is
 * imported inside `run`.
 */
import type { CommandContext } from './context.ts';

export interface CommandSpec {
  /** Name and arguments as commander spells them: `task <id>`. */
  readonly usage: string;
  /** Heading in the overview. */
  readonly group: 'Render' | 'Look' | 'Steer' | 'Farm';
  readonly summary: string;
  /** More for the command's own help; plain sentences. */
  readonly details?: string;
  readonly options: readonly OptionSpec[];
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Exit codes that need a word beyond the general table. */
  readonly exits?: readonly (readonly [number, string])[];
  /** Resolves with the exit code; undefined is 0. */
  run(context: CommandContext, line: CommandLine): Promise<number | undefined>;
}

/** Flags as commander spells them, the description, and `many` for an option that may be given several times. */
export type OptionSpec = readonly [flags: string, description: string, many?: 'many'];

/** The values that a command line gave, read by name and kind. */
export class CommandLine {
  readonly args: readonly string[];
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #usageError: (message: string) => Error;

  constructor(
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
    usageError: (message: string) => Error,
  ) {
    this.args = args;
    this.#options = options;
    this.#usageError = usageError;
  }

  /** A positional argument; the parser has refused a missing one. */
  arg(index: number): string {
    return this.args[index] ?? '';
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  /** false where `--no-name` was given. */
  isOn(name: string): boolean {
    return this.#options[name] !== false;
  }

  text(name: string): string | undefined {
    const value = this.#options[name];
    if (value === undefined || typeof value === 'boolean') return undefined;
    if (value === '') throw this.#usageError(`--${dashed(name)} needs a value`);
    return String(value);
  }

  /** An option that must be given. */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#usageError(`--${dashed(name)} is needed`);
    return value;
  }

  /** The values of an option that may be given several times. */
  texts(name: string): string[] {
    const value = this.#options[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A whole number within limits, both included. */
  integer(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.#integer(text, `--${dashed(name)}`, least, most);
  }

  /** A positional id of a task. */
  taskId(index: number): number {
    return this.#integer(this.arg(index), 'a task id', 1, Number.MAX_SAFE_INTEGER);
  }

  #integer(text: string, what: string, least: number, most: number): number {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const limits = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw this.#usageError(`${what} is a whole number ${limits}, not ${JSON.stringify(text.slice(0, 40))}`);
  }
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
