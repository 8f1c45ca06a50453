/**
 * Password hashes: argon2id (RFC 9106) in the form that other programs read, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
 * 19 MiB and two passes are OWASP's choice for a server that must not be brought down by sign-ins; the parameters stand
 * in each hash, so that stronger ones can be chosen later without asking anybody for a new password.
 *
 * Passwords are compared as NFKC, since keyboards spell the same letter in several ways.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { farmErrors } from '../errors.ts';

const argon2Async = promisify(argon2);

const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FEWEST_LETTERS = 8;
const MOST_LETTERS = 200;
const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** Throws FARM_INVALID for a password that is no good; `accountName` is none. */
export function checkPassword(password: string, accountName: string): void {
  const letters = [...password.normalize('NFKC')];
  if (letters.length < FEWEST_LETTERS || letters.length > MOST_LETTERS) {
    throw farmErrors.FARM_INVALID(`a password has ${FEWEST_LETTERS} to ${MOST_LETTERS} letters`);
  }
  if (new Set(letters).size < 4 || password.toLowerCase() === accountName.toLowerCase()) {
    throw farmErrors.FARM_INVALID('this password is guessed at once: choose another');
  }
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, MEMORY_KIB, PASSES, LANES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(hash)}`;
}

export interface PasswordAnswer {
  readonly isRight: boolean;
  /** What the password gives under the salt of the stored hash: tells whether the same wrong one came again. */
  readonly derived: string;
}

/** Takes as long as hashing, off the calling thread. */
export async function comparePassword(password: string, stored: string): Promise<PasswordAnswer> {
  const match = FORM.exec(stored);
  if (match === null) throw new Error('a stored password hash is not in its form');
  const [, memory, passes, lanes, salt, hash] = match;
  const wanted = Buffer.from(hash!, 'base64');
  const cut = [...password].slice(0, MOST_LETTERS + 1).join('');
  const derived = await derive(
    cut,
    Buffer.from(salt!, 'base64'),
    Number(memory),
    Number(passes),
    Number(lanes),
  );
  return { isRight: timingSafeEqual(derived, wanted), derived: base64(derived) };
}

function derive(password: string, salt: Buffer, memory: number, passes: number, parallelism: number) {
  const message = Buffer.from(password.normalize('NFKC'));
  return argon2Async('argon2id', {
    message,
    nonce: salt,
    memory,
    passes,
    parallelism,
    tagLength: HASH_BYTES,
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
