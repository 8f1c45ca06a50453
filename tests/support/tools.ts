/** Which outside programs this machine has, and how a suite says that it is skipped for want of one. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Scenes made by others, for local tests only; absent from a plain checkout. */
export const samples = join(projectRoot, '..', 'shared', 'samples');

function has(file: string, ...args: string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

const PRESENT = {
  blender: () => has('blender', '--version'),
  chromium: () => has('chromium', '--version'),
  python: () => has('python3', '-c', 'import ensurepip, venv'),
  samples: () => existsSync(samples),
  root: () => process.getuid?.() === 0,
} as const;

/** `describe` where all the tools are here; a skipped suite that names what is missing elsewhere. */
export function describeWith(tools: readonly (keyof typeof PRESENT)[], name: string, body: () => void): void {
  const missing = tools.filter((tool) => !PRESENT[tool]());
  if (missing.length === 0) describe(name, body);
  else describe.skip(`${name} (skipped: no ${missing.join(', no ')} here)`, body);
}
