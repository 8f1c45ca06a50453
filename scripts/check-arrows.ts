/**
 * Fails on an import that breaks the map of rooms in ARCHITECTURE.md: a room imports only rooms below it, only by
 * package name (so only its entry points), and what it imports is declared in its package.json. Node and tsc accept
 * all of these mistakes, hence this check.
 *
 *   node scripts/check-arrows.ts [FOLDER]     default: the checkout this script is in
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Room → the rooms it may import. Tests, benchmarks and scripts stand outside and may import every entry point. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  dcc: ['contract'],
  transfer: ['contract'],
  farm: ['contract', 'dcc', 'transfer'],
  server: ['contract', 'dcc', 'transfer', 'farm'],
  node: ['contract', 'dcc', 'transfer'],
  sdk: ['contract', 'dcc', 'transfer'],
  client: ['contract', 'dcc', 'transfer', 'sdk'],
  web: ['contract'],
  cli: ['contract', 'dcc', 'transfer', 'farm', 'server', 'node', 'sdk', 'client', 'web'],
};

const BUILT_IN = new Set(builtinModules);
/** Static and dynamic imports, re-exports, and worker or asset URLs relative to the module. */
const SPECIFIER =
  /(?:^|[\s;}])(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;}])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/gm;

interface Manifest {
  dependencies?: Record<string, string>;
  exports?: string | Record<string, string>;
}

export function checkArrows(root: string): string[] {
  const complaints: string[] = [];
  for (const room of readdirSync(join(root, 'packages'))) {
    const allowed = ARROWS[room];
    if (!allowed) {
      complaints.push(
        `packages/${room} is no room of the map; add it to scripts/check-arrows.ts and ARCHITECTURE.md`,
      );
      continue;
    }
    const manifest = readManifest(root, room);
    for (const file of sourcesBelow(join(root, 'packages', room, 'src'))) {
      const where = relative(root, file).split(sep).join('/');
      for (const specifier of specifiersOf(readFileSync(file, 'utf8'))) {
        const complaint = judge(root, room, allowed, manifest, file, specifier);
        if (complaint) complaints.push(`${where}: '${specifier}' ${complaint}`);
      }
    }
  }
  return complaints;
}

function judge(
  root: string,
  room: string,
  allowed: readonly string[],
  manifest: Manifest,
  file: string,
  specifier: string,
): string | null {
  if (specifier.startsWith('.')) {
    const target = resolve(dirname(file), specifier);
    // Tests may read what lies outside all rooms, such as scenes.
    if (file.endsWith('.test.ts') && relative(join(root, 'packages'), target).startsWith('..')) return null;
    const inside = relative(join(root, 'packages', room), target);
    return inside.startsWith('..') ? 'leaves its room by a relative path; import the room by name' : null;
  }
  if (specifier.startsWith('node:')) return null;
  if (BUILT_IN.has(specifier)) return 'is built in: write it with node:';
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const target = name.startsWith('@croft/') ? name.slice('@croft/'.length) : null;
  if (target !== null && target !== room && !allowed.includes(target))
    return `is an arrow up: ${room} must not know ${target}`;
  if (target === room) return 'imports its own room by name; use a relative path';
  if (target !== null && !entryExists(readManifest(root, target), specifier.slice(name.length)))
    return 'is not an entry point of that room';
  // Only tests may use what the workspace root declares.
  if (
    !manifest.dependencies?.[name] &&
    !file.endsWith('.test.ts') &&
    !file.endsWith('-suite.ts') &&
    !file.includes(`${sep}testing${sep}`)
  ) {
    return `is not declared in packages/${room}/package.json`;
  }
  return null;
}

function entryExists(manifest: Manifest, rest: string): boolean {
  if (typeof manifest.exports === 'string') return rest === '';
  return Object.hasOwn(manifest.exports ?? {}, `.${rest}`);
}

function readManifest(root: string, room: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', room, 'package.json'), 'utf8')) as Manifest;
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|js|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function specifiersOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(SPECIFIER)].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
  const complaints = checkArrows(root);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
