/** Anything below HTTP that ends a request: no name, nobody there, no trust, cut, aborted. */
import { coerceError } from '@croft/contract';

export class ConnectionBroke extends Error {
  override readonly name = 'ConnectionBroke';

  /** For what a socket, a name server or the HTTP parser said. */
  static by(thrown: unknown): ConnectionBroke {
    if (thrown instanceof ConnectionBroke) return thrown;
    return new ConnectionBroke(reasonOf(coerceError(thrown)), { cause: thrown });
  }
}

/** All addresses of a host are tried and reported together, without a word of their own: the first says why. */
function reasonOf(error: Error): string {
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  if (first !== undefined) return coerceError(first).message;
  return error.message;
}
