/**
 * The one place where an error becomes words and an exit code. A user's mistake is one sentence and a hint; anything
 * else is a bug in Croft and is shown with its stack.
 */
import { CroftError, coerceError, EXIT } from '@croft/contract';
import { cliErrors } from './errors.ts';
import type { Printer } from './printers/printer.ts';

/** Prints the error and returns the exit code. */
export function reportError(thrown: unknown, printer: Printer): number {
  const error = asCroftError(coerceError(thrown));
  if (error instanceof CroftError) {
    printer.error({ body: error.toJSON(), stack: null });
    return error.exit;
  }
  const body = { code: 'CLI_BUG', message: error.message, status: 500, exit: EXIT.bug };
  printer.error({ body, stack: stackOf(error) });
  return EXIT.bug;
}

/** What commander complains about, as our own usage error. */
export function usageError(message: string): CroftError {
  const sentence = message
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return cliErrors.CLI_USAGE(sentence, { hint: 'See "croft --help", or --help after a command.' });
}

/** System errors that are a user's matter wherever they come up. */
function asCroftError(error: Error): Error {
  if (error instanceof CroftError) return error;
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return cliErrors.CLI_PORT_IN_USE(`port ${port ?? ''} is used by another program`.replace('  ', ' '), {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
      return cliErrors.CLI_SETTINGS_INVALID('this machine has no such address to listen on', {
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return cliErrors.CLI_DISK_FULL('the disk is full', { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return cliErrors.CLI_HOME_UNUSABLE(`access is not allowed: ${error.message}`, { cause: error });
    default:
      return error;
  }
}

function stackOf(error: Error): string {
  const causes: string[] = [];
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 5; depth++, at = at.cause) {
    causes.push(at.stack ?? at.message);
  }
  return causes.join('\ncaused by ');
}
