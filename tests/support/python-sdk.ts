/** The real Python SDK: virtual environments with pinned packages, and scripts that tell their steps as JSON lines. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { atEnd } from './croft.ts';
import { projectRoot } from './tools.ts';

/** The packages of the demo of the first generations; some of them want an old setuptools to be built. */
export const SEED_SDK = [
  'rayvision_api==2.2.0',
  'rayvision_sync==2.1.0',
  'rayvision_utils',
  'rayvision_log',
] as const;

/** A Python from 3.7 to 3.10, which the first generations need; null where this machine has none. */
export function oldPython(): string | null {
  for (const version of ['3.7', '3.8', '3.9', '3.10']) {
    const pyenv = spawnSync('pyenv', ['prefix', version], { encoding: 'utf8' });
    const names = pyenv.status === 0 ? [join(pyenv.stdout.trim(), 'bin', 'python')] : [];
    for (const name of [...names, `python${version}`])
      if (spawnSync(name, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0) return name;
  }
  return null;
}

/** As `pythonWith`, for SEED_SDK on an old Python. */
export function pythonWithSeedSdk(base: string): string {
  return installed(base, 'seed-sdk', [
    ['setuptools<58', 'wheel'],
    ['--no-build-isolation', ...SEED_SDK],
  ]);
}

/** A virtual environment with the packages, made once and kept beside the other caches; gives its Python. */
export function pythonWith(...packages: string[]): string {
  // Debian's own Python, also where another one comes first on PATH.
  const base = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  return installed(base, packages.join('+').replaceAll('==', '-'), [packages]);
}

function installed(base: string, name: string, steps: readonly (readonly string[])[]): string {
  const folder = join(projectRoot, 'node_modules', '.cache', 'croft', name);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'installed');
  if (existsSync(done)) return python;
  mkdirSync(folder, { recursive: true });
  for (const [file, ...args] of [
    [base, '-m', 'venv', '--clear', folder],
    ...steps.map((step) => [
      python,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...step,
    ]),
  ] as [string, ...string[]][]) {
    const run = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
    if (run.status !== 0) throw new Error(`${file} ${args.join(' ')} failed:\n${run.stdout}${run.stderr}`);
  }
  writeFileSync(done, steps.flat().join('\n'));
  return python;
}

export interface PythonScript {
  /** The next JSON line, which must be that step. */
  next(step: string): Promise<Record<string, unknown> & { step: string }>;
  /** Gives the script the line that it waits for. */
  goOn(): void;
  /** Waits for the end; gives the exit code. */
  ended: Promise<number>;
  /** Everything on stderr so far. */
  log(): string;
}

/** Starts a script of tests/python with `home` as the user's home. */
export function startPython(
  python: string,
  script: string,
  args: readonly string[],
  home: string,
  env: Record<string, string> = {},
): PythonScript {
  const child = spawn(python, [join(projectRoot, 'tests', 'python', script), ...args], {
    env: { ...process.env, HOME: home, PYTHONWARNINGS: 'ignore', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  atEnd(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next(step) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the SDK ended before "${step}":\n${stderr.slice(-6000)}`);
      const said = JSON.parse(value) as Record<string, unknown> & { step: string };
      expect(said.step).toBe(step);
      return said;
    },
    goOn: () => void child.stdin.write('go on\n'),
    ended,
    log: () => stderr,
  };
}
