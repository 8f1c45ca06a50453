/**
 * Exit codes of the transmitter. The real SDK knows 0 to 11 only: anything else makes its upload start the program again
 * at once and for ever, and 10 makes it wait and start again for ever. So every end of this program, also by a signal or
 * a bug, is one of these.
 */
import { CroftError } from '@croft/contract';

export const TRANSMIT_EXIT = {
  done: 0,
  /** Network, farm or disk trouble, an interruption, nothing there to download: worth another start. */
  again: 1,
  /** The farm refuses storage or key, its certificate is not trusted, or a list cannot be read. */
  refused: 2,
  /** The command line, or a host of that name does not exist. */
  usage: 9,
  /** Some local files could not be sent; all others were. */
  someFailed: 11,
} as const;

export type TransmitExit = (typeof TRANSMIT_EXIT)[keyof typeof TRANSMIT_EXIT];

/** The same, as the help prints it. */
export const TRANSMIT_EXIT_TABLE: readonly (readonly [number, string])[] = [
  [0, 'everything was transferred, or was there already'],
  [1, 'network, farm or disk trouble, an interruption, or nothing there to download: try again'],
  [2, 'the farm refused storage id and account, its certificate is not trusted, or a list cannot be read'],
  [9, 'the command line is wrong, or there is no such host'],
  [11, 'some local files could not be sent; all others were'],
];

const REFUSED =
  /^(SIGNATURE_.*|TRANSFER_STORAGE_REFUSED|TRANSFER_NOT_ALLOWED|TRANSFER_NOT_SIGNED_IN|TRANSFER_NOT_TRUSTED|SDK_NOT_TRUSTED|NATIVE_TOO_MANY_FAILURES|SDK_TRANSMIT_LIST)$/;

/** The code for whatever ended a transfer. */
export function exitOf(error: Error): TransmitExit {
  if (!(error instanceof CroftError)) return TRANSMIT_EXIT.again;
  if (error.code === 'SDK_TRANSMIT_USAGE' || error.code === 'PATH_REFUSED') return TRANSMIT_EXIT.usage;
  return REFUSED.test(error.code) ? TRANSMIT_EXIT.refused : TRANSMIT_EXIT.again;
}
