/** The environment of this process, in a file of its own that loads nothing: `croft --help` waits for it. */

/** Names and what they say; config.ts tells which mean something. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What whoever started this process set. */
export function processEnvironment(): Environment {
  return process.env;
}
