/** Random names and secrets, and how they are kept: hashed where we only compare, sealed where we must read them. */
import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * 256 random bits as URL-safe text: tokens, access keys, capabilities. Never with `-` in front: a program that is given it as an
 * argument would take it for an option.
 */
export function randomSecret(): string {
  for (;;) {
    const secret = randomBytes(32).toString('base64url');
    if (!secret.startsWith('-')) return secret;
  }
}

/** SHA-256 of a random secret, hex. Random secrets need no salt and no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Codes people may have to type: 20 letters and digits in groups, without those that look alike (100 bits). */
export function randomCode(): string {
  const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/** 18 decimal digits, the first not 0. Text everywhere: beyond 2^53 a JS number would change it. */
export function randomStorageId(): string {
  const rest = randomInt(100_000_000).toString().padStart(8, '0');
  return `${randomInt(1_000_000_000, 10_000_000_000)}${rest}`;
}

/** Encrypts with AES-256-GCM; `boundTo` must be the same when opening, so sealed values cannot be swapped. */
export function seal(masterKey: Uint8Array, secret: string, boundTo: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the key is another one or the bytes were changed. */
export function unseal(masterKey: Uint8Array, sealed: Uint8Array, boundTo: string): string {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
}
