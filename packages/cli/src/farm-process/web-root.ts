/** Where the built web page lies; null in a checkout that has none. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function webRoot(): string | null {
  const folder = fileURLToPath(new URL('../../../web/public', import.meta.url));
  return existsSync(folder) ? folder : null;
}
