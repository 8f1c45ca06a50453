/**
 * The compatibility reference, which lies beside the repository on machines of the project and is not part of it. Tests
 * that read it are skipped where it is absent.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One recorded request of the real SDK with its signature. */
export interface SignatureVector {
  name: string;
  domain: string;
  path: string;
  headers: Record<string, string>;
  bodyText: string;
  accessKey: string;
  stringToSign: string;
  signature: string;
}

export interface CompatReference {
  signatureVectors: SignatureVector[];
  enums: { errorCode: Record<string, string>; cgId: Record<string, string> };
}

const FILE = path.resolve(import.meta.dirname, '../../../../../shared/reference/compat-api-fixtures.json');

/** Null where the reference is absent. */
export function compatReference(): CompatReference | null {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as CompatReference) : null;
}
