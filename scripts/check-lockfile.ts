/**
 * Fails on a lockfile with which `npm ci` would not give every platform the same tree: a version in a package.json that
 * is not exact, a package without an integrity hash, or a package nested in a workspace (one that lies outside the
 * root's node_modules is silently used by one room only). Also fails on an optional package with an `engines` entry:
 * Debian's npm runs on Node 18 and leaves out, without a word, optional packages (that is, all platform binaries) whose
 * engines exclude 18, although Croft runs them on its own Node 24. `--write` takes these entries out.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Lockfile {
  lockfileVersion: number;
  packages: Record<
    string,
    { version?: string; integrity?: string; link?: boolean; optional?: boolean; engines?: object }
  >;
}
type Manifest = Partial<
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
>;

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

export function checkLockfile(root: string): string[] {
  const complaints: string[] = [];
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  for (const [place, entry] of Object.entries(lockfile.packages)) {
    if (entry.link || !place.includes('node_modules/')) continue;
    if (!entry.integrity) complaints.push(`package-lock.json: ${place} has no integrity hash`);
    if (place.startsWith('packages/'))
      complaints.push(`package-lock.json: ${place} is nested in a workspace`);
  }
  const manifests = ['.', ...readdirSync(join(root, 'packages')).map((room) => `packages/${room}`)];
  for (const folder of manifests) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
    for (const group of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
      for (const [name, version] of Object.entries(manifest[group] ?? {})) {
        if (!EXACT.test(version))
          complaints.push(`${folder}/package.json: ${name} "${version}" is not an exact version`);
        if (!lockfile.packages[`node_modules/${name}`])
          complaints.push(`${folder}/package.json: ${name} is not locked`);
      }
    }
  }
  return complaints;
}

/** Takes `engines` out of optional packages, as npm 11 writes the file. */
function dropOptionalEngines(file: string): void {
  const lockfile = JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
  for (const entry of Object.values(lockfile.packages)) if (entry.optional) delete entry.engines;
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  if (process.argv.includes('--write')) dropOptionalEngines(join(root, 'package-lock.json'));
  const complaints = checkLockfile(root);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
