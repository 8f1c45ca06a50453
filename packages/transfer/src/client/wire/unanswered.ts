/** What it means that no answer came, for the retry table and for the user. */
import { type CroftError, distrustOf, systemCodesOf } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import type { ConnectionBroke } from './connection-broke.ts';

/** What OpenSSL says where the other side answers in plain text. */
const NO_TLS = /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/;

/**
 * `isKnownHost`: something at this address answered before. A name that was found once and is not any more means that the network
 * is away, not that the name is wrong.
 */
export function unansweredError(origin: string, broke: ConnectionBroke, isKnownHost: boolean): CroftError {
  const distrust = distrustOf(broke);
  if (distrust !== null) {
    const said = `the certificate of ${origin} is not trusted (${distrust.code})`;
    return transferErrors.TRANSFER_NOT_TRUSTED(said, { hint: distrust.hint, cause: broke });
  }
  const codes = systemCodesOf(broke);
  if (codes.some((code) => NO_TLS.test(code)) && !isKnownHost) {
    return transferErrors.TRANSFER_ANSWER_INVALID(`what answers at ${origin} speaks no TLS`, {
      hint: 'Give the address with http://, or the port on which the farm speaks TLS.',
      cause: broke,
    });
  }
  if (codes.includes('ENOTFOUND') && !isKnownHost) {
    const said = `${origin} cannot be reached: there is no host of that name`;
    return transferErrors.TRANSFER_HOST_UNKNOWN(said, { cause: broke });
  }
  return transferErrors.TRANSFER_UNREACHABLE(`${origin} cannot be reached: ${broke.message}`, {
    cause: broke,
  });
}
