import { expect, it } from 'vitest';
import { randomSecret } from './secrets.ts';

it('secrets can be given as arguments: none looks like an option', () => {
  const secrets = Array.from({ length: 3000 }, randomSecret);
  expect(new Set(secrets).size).toBe(3000);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{42}$/);
});
