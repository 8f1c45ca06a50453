/**
 * Errors that are part of the product: each has a stable code, a sentence for the user and, where one helps, a hint
 * that says what to do. Anything that is not a `CroftError` is a bug and is shown with its stack.
 *
 * Every room keeps its own catalogue, made with `defineErrors`, in its `errors.ts`. Codes are public: once released
 * they stay.
 */

/** What one catalogue entry fixes for all its errors. */
export interface ErrorKind {
  /** HTTP status at the native and transfer doors (the Renderbus API always answers 200). */
  readonly status: number;
  /** Code inside the Renderbus envelope; see `api-codes.ts`. */
  readonly apiCode?: number;
  /** Exit code of the command line; see `EXIT`. */
  readonly exit: number;
  /** What to do about it, one sentence. A throw may pass a better one. */
  readonly hint?: string;
}

/** Exit codes of every `croft` command. Documented in docs/cli.md; stable. */
export const EXIT = {
  ok: 0,
  /** A bug in Croft, printed with its stack. */
  bug: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The scene, or another file given, cannot be used. */
  badInput: 3,
  /** The task ended, but with failed or stopped frames. */
  framesFailed: 4,
  /** The farm cannot be reached. */
  unreachable: 5,
  /** The farm refused: key, permission, signature. */
  refused: 6,
  /** The farm or the disk has no room, or a port is taken. */
  resource: 7,
  /** Something asked for does not exist. */
  notFound: 8,
  /** Interrupted by the user. */
  interrupted: 130,
} as const;

export class CroftError extends Error {
  override readonly name = 'CroftError';
  readonly code: string;
  readonly status: number;
  readonly apiCode: number | undefined;
  readonly exit: number;
  readonly hint: string | undefined;

  constructor(
    code: string,
    kind: ErrorKind,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = kind.status;
    this.apiCode = kind.apiCode;
    this.exit = kind.exit;
    this.hint = options.hint ?? kind.hint;
  }

  /** The shape of an error wherever it leaves the process as JSON: doors, `--json`, worker messages. */
  toJSON(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      status: this.status,
      exit: this.exit,
      ...(this.apiCode === undefined ? {} : { apiCode: this.apiCode }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }

  /** Rebuilds an error that arrived as JSON, so that its code and exit code survive a door or a thread. */
  static from(body: ErrorBody, cause?: unknown): CroftError {
    return new CroftError(body.code, body, body.message, { hint: body.hint, cause });
  }
}

export interface ErrorBody extends ErrorKind {
  readonly code: string;
  readonly message: string;
}

type Catalogue<Kinds> = {
  readonly [Code in keyof Kinds]: (
    message: string,
    options?: { hint?: string | undefined; cause?: unknown },
  ) => CroftError;
};

/**
 * Makes a room's catalogue: `const errors = defineErrors({ SCENE_NOT_FOUND: {status: 404, exit: EXIT.badInput} })`,
 * then `throw errors.SCENE_NOT_FOUND('there is no file /a.blend')`.
 */
export function defineErrors<const Kinds extends Record<string, ErrorKind>>(kinds: Kinds): Catalogue<Kinds> {
  const catalogue: Record<string, unknown> = {};
  KINDS_OF.set(catalogue, kinds);
  for (const [code, kind] of Object.entries(kinds)) {
    catalogue[code] = (message: string, options?: { hint?: string; cause?: unknown }) =>
      new CroftError(code, kind, message, options);
  }
  return catalogue as Catalogue<Kinds>;
}

const KINDS_OF = new WeakMap<object, Readonly<Record<string, ErrorKind>>>();

/** The entries of a catalogue made by `defineErrors`, by code; what docs/errors.md is made from. */
export function errorKinds(catalogue: object): Readonly<Record<string, ErrorKind>> {
  const kinds = KINDS_OF.get(catalogue);
  if (kinds === undefined) throw new TypeError('this is no catalogue of errors');
  return kinds;
}

/** Turns whatever was thrown into an `Error`, once, at the edge where it was caught. Never throws itself. */
export function coerceError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === 'string' ? thrown : describe(thrown));
}

function describe(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    // A ring or a bigint, which JSON cannot hold; an object without prototype has no String either.
    return typeof thrown === 'object' ? 'an object was thrown' : String(thrown);
  }
}
