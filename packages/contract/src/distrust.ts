/** Why a TLS connection was refused by this side: the certificate that was shown is not one to trust. */

export interface Distrust {
  /** Node's code, `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly code: string;
  /** What to do about it, one sentence. */
  readonly hint: string;
}

const HINT_SIGNER =
  'Give the certificate file that the farm named when it started (croft cert prints it): --ca FILE or CROFT_CA; in a program of your own, NODE_EXTRA_CA_CERTS.';
const HINT_NAME =
  'Use one of the names that the certificate has, or renew it on the farm: croft cert --renew --public-host NAME.';

/** Those of OpenSSL's verdicts that have a remedy of their own; the others mean that the signer is unknown. */
const HINTS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: HINT_NAME,
  HOSTNAME_MISMATCH: HINT_NAME,
  CERT_HAS_EXPIRED:
    'It has expired: renew it on the farm (croft cert --renew), or check the clock of this machine.',
  CERT_NOT_YET_VALID: 'It is not valid yet: check the clocks of this machine and of the farm.',
};
/** What Node names OpenSSL's verdicts. Alerts of the other side (`ERR_SSL_…`) are not ours, and not meant. */
const VERDICT =
  /^(CERT_.*|.*SELF_SIGNED_CERT.*|ERR_TLS_CERT_.*|UNABLE_TO_.*(CERT|CRL|SIGNATURE|KEY).*|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)$/;
const DEEPEST = 6;

/** The verdict behind whatever a request threw; null where it failed for another reason. */
export function distrustOf(thrown: unknown): Distrust | null {
  for (const code of systemCodesOf(thrown))
    if (VERDICT.test(code)) return { code, hint: HINTS[code] ?? HINT_SIGNER };
  return null;
}

/** The codes of an error and its causes, outermost first: `ECONNREFUSED`, `ENOTFOUND`. */
export function systemCodesOf(thrown: unknown): string[] {
  const codes: string[] = [];
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < DEEPEST; at = at.cause, depth++) {
    // All addresses of a host are tried and reported together; the first says what is wrong.
    const first: unknown = at instanceof AggregateError ? at.errors[0] : undefined;
    for (const one of [at, first]) {
      const code = one instanceof Error ? (one as NodeJS.ErrnoException).code : undefined;
      if (typeof code === 'string' && !codes.includes(code)) codes.push(code);
    }
  }
  return codes;
}
