/**
 * The certificate of the HTTPS listener: the operator's, or one that the farm makes for itself on the first start and
 * keeps in `<home>/tls/`. Python trusts the own one with `REQUESTS_CA_BUNDLE=<home>/tls/certificate.pem`.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Clock, DAY } from '@croft/contract';
import { serverErrors } from '../errors.ts';

export interface CertificateFiles {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** What may be told about a certificate. */
export interface CertificateFacts {
  /** Where it lies, to be named to the user. */
  readonly certificatePath: string;
  /** SHA-256 of the certificate, hex with colons: what a node may pin. */
  readonly fingerprint: string;
}

/** What `croft cert` shows. */
export interface OwnCertificateFacts extends CertificateFacts {
  /** As OpenSSL spells them, in GMT. */
  readonly validFrom: string;
  readonly validTo: string;
  readonly names: readonly string[];
}

/** With its private key: stays in the listener. */
export interface Certificate extends CertificateFacts {
  readonly cert: string;
  readonly key: string;
}

const VALID_MS = 3650 * DAY;
/** An own certificate is made anew when less than this is left. */
const RENEW_BEFORE_MS = 30 * DAY;

/** Reads the operator's certificate; throws SERVER_CERTIFICATE_INVALID. */
export async function operatorCertificate(files: CertificateFiles): Promise<Certificate> {
  try {
    const cert = await readFile(files.certificatePath, 'utf8');
    const key = await readFile(files.keyPath, 'utf8');
    return checked(cert, key, files.certificatePath);
  } catch (cause) {
    throw serverErrors.SERVER_CERTIFICATE_INVALID(
      `the certificate ${files.certificatePath} with the key ${files.keyPath} cannot be used`,
      { cause },
    );
  }
}

/** The farm's own certificate for `names`, made where there is none, it runs out, or it lacks a name. */
export async function ownCertificate(
  home: string,
  names: readonly string[],
  clock: Clock,
): Promise<Certificate> {
  const folder = join(home, 'tls');
  const certificatePath = join(folder, 'certificate.pem');
  const keyPath = join(folder, 'key.pem');
  const wanted = [...new Set(['localhost', hostname(), '127.0.0.1', '::1', ...names])];
  try {
    const kept = checked(
      await readFile(certificatePath, 'utf8'),
      await readFile(keyPath, 'utf8'),
      certificatePath,
    );
    if (isGoodFor(new X509Certificate(kept.cert), wanted, clock.now())) return kept;
  } catch {
    // None yet, or half of one: a new one is made.
  }
  const { cert, key } = await makeCertificate(folder, wanted, clock.now());
  return checked(cert, key, certificatePath);
}

/** Makes both files anew; between the two renames they do not fit, and a start then makes them once more. */
async function makeCertificate(folder: string, names: readonly string[], now: number) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await generate(names, now);
  await replaceFile(join(folder, 'key.pem'), made.key, 0o600);
  await replaceFile(join(folder, 'certificate.pem'), made.cert, 0o644);
  return made;
}

/** The farm's own certificate as it lies in the home. Throws SERVER_NO_CERTIFICATE. */
export async function ownCertificateFacts(home: string): Promise<OwnCertificateFacts> {
  const certificatePath = join(home, 'tls', 'certificate.pem');
  try {
    const certificate = new X509Certificate(await readFile(certificatePath, 'utf8'));
    const { fingerprint256: fingerprint, validFrom, validTo, subjectAltName = '' } = certificate;
    const names = [...subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map((match) => match[1]!);
    return { certificatePath, fingerprint, validFrom, validTo, names };
  } catch (cause) {
    throw serverErrors.SERVER_NO_CERTIFICATE(`there is no certificate of the farm in ${certificatePath}`, {
      cause,
    });
  }
}

/** A new key and certificate for the names of the present one and `more`. Throws SERVER_NO_CERTIFICATE. */
export async function renewOwnCertificate(
  home: string,
  more: readonly string[],
  clock: Clock,
): Promise<OwnCertificateFacts> {
  const { names } = await ownCertificateFacts(home);
  await makeCertificate(join(home, 'tls'), [...new Set([...names, ...more])], clock.now());
  return ownCertificateFacts(home);
}

function isGoodFor(certificate: X509Certificate, names: readonly string[], now: number): boolean {
  if (new Date(certificate.validTo).getTime() - now < RENEW_BEFORE_MS) return false;
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}

async function generate(names: readonly string[], now: number): Promise<{ cert: string; key: string }> {
  const { generate: selfSigned } = await import('selfsigned');
  const { cert, private: key } = await selfSigned([{ name: 'commonName', value: 'Croft farm' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + VALID_MS),
    extensions: [
      // Its own authority, so that it can be named to Python as the one to trust.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
        ),
      },
    ],
  });
  return { cert, key };
}

function checked(cert: string, key: string, certificatePath: string): Certificate {
  createSecureContext({ cert, key });
  return { cert, key, certificatePath, fingerprint: new X509Certificate(cert).fingerprint256 };
}

/** Written beside and renamed, so that a cut cannot leave half a file; the mode holds from the first byte on. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(beside, text, { mode, flush: true });
  await chmod(beside, mode);
  await rename(beside, path);
}
