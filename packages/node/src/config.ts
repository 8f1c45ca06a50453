/** The only place where the node reads the environment of its process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
