/** Where the built web page lies; null in a checkout that has none. */
import { existsSync } from 'node:fs';
import path from 'node:path';

export function webRoot(): string | null {
  const folder = path.join(import.meta.dirname, '..', '..', '..', 'web', 'public');
  return existsSync(folder) ? folder : null;
}
