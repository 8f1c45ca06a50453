/** The real Python SDK: virtual environments with pinned packages, and scripts that tell their steps as JSON lines. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { atEnd, type Outcome, outcomeOf } from './croft.ts';
import { projectRoot } from './tools.ts';
import { userCache } from './user-cache.ts';

export interface SdkSet {
  readonly name: 'newest' | 'seed' | 'oldest';
  readonly packages: readonly string[];
  /** Whether it can run on this machine. */
  readonly isHere: boolean;
  /** Why not, as the end of a test's name. */
  readonly why: string;
  /** Installs it where it is not yet; gives its Python. */
  install(): string;
}

/** Debian's own Python, also where another one comes first on PATH. */
const newPython = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const SHARED = ['rayvision_utils==1.2.1', 'rayvision_log==1.2.4'] as const;

/** A Python from 3.7 to 3.10, which the first generations need; null where this machine has none. */
function findOldPython(): string | null {
  for (const version of ['3.7', '3.8', '3.9', '3.10']) {
    const pyenv = spawnSync('pyenv', ['prefix', version], { encoding: 'utf8' });
    const names = pyenv.status === 0 ? [join(pyenv.stdout.trim(), 'bin', 'python')] : [];
    for (const name of [...names, `python${version}`])
      if (spawnSync(name, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0) return name;
  }
  return null;
}

const oldPython = findOldPython();
const hasNewPython = spawnSync(newPython, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0;

/** Some packages of the first generations want an old setuptools to be built. */
function oldSet(name: 'seed' | 'oldest', ...packages: string[]): SdkSet {
  const all = [...packages, ...SHARED];
  const steps = [
    ['setuptools<58', 'wheel'],
    ['--no-build-isolation', ...all],
  ];
  return {
    name,
    packages: all,
    isHere: oldPython !== null,
    why: 'no Python 3.7 to 3.10 here',
    install: () => installed(oldPython!, name, steps),
  };
}

const NEWEST = [
  'rayvision_api==3.0.4.3',
  'rayvision_sync==3.1.8',
  'rayvision_utils==1.2.2.4',
  'rayvision_log==1.2.4',
];

/** The three generations of the real packages that everything is judged by, pinned. */
export const SDK_SETS: readonly SdkSet[] = [
  {
    name: 'newest',
    packages: NEWEST,
    isHere: hasNewPython,
    why: 'no Python with venv here',
    install: () => installed(newPython, 'newest', [NEWEST]),
  },
  oldSet('seed', 'rayvision_api==2.2.0', 'rayvision_sync==2.1.0'),
  oldSet('oldest', 'rayvision_api==1.1.5', 'rayvision_sync==1.2.2'),
];

/** A set by its name. */
export function sdkSet(name: SdkSet['name']): SdkSet {
  return SDK_SETS.find((set) => set.name === name)!;
}

/**
 * A virtual environment, made once and kept in the user's cache: one takes longer to make than its tests to run. Other
 * packages get another one.
 */
function installed(base: string, name: string, steps: readonly (readonly string[])[]): string {
  const wish = [base, ...steps.flat()].join('\n');
  const mark = createHash('sha256').update(wish).digest('hex').slice(0, 12);
  const folder = join(userCache(), 'python-sdk', `${name}-${mark}`);
  const done = join(folder, 'installed');
  const isInstalled = () => existsSync(done) && readFileSync(done, 'utf8') === wish;
  if (!isInstalled()) {
    mkdirSync(dirname(folder), { recursive: true });
    // Two suites may want the same set at once.
    alone(`${folder}.lock`, () => {
      if (isInstalled()) return;
      install(base, folder, steps);
      writeFileSync(done, wish);
    });
  }
  return join(folder, 'bin', 'python');
}

function install(base: string, folder: string, steps: readonly (readonly string[])[]): void {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const run = (file: string, args: readonly string[]) => {
    const done = spawnSync(file, args, { encoding: 'utf8', timeout: 300_000 });
    if (done.status !== 0) throw new Error(`${file} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`);
  };
  run(base, ['-m', 'venv', '--clear', folder]);
  for (const step of steps) run(join(folder, 'bin', 'python'), [...pip, ...step]);
}

/** Holds a lock folder while it works; one that is ten minutes old was left by a run that died. */
function alone(lock: string, work: () => void): void {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - madeMs > 600_000) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

export interface PythonScript {
  /** Its output, for who takes it all. */
  lines: AsyncIterable<string>;
  /** The next JSON line, which must be that step. */
  next(step: string): Promise<Record<string, unknown> & { step: string }>;
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
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
  const lines = createInterface({ input: child.stdout });
  const steps = lines[Symbol.asyncIterator]();
  return {
    lines,
    async next(step) {
      const { value, done } = await steps.next();
      if (done) throw new Error(`the SDK ended before "${step}":\n${stderr.slice(-6000)}`);
      const said = JSON.parse(value) as Record<string, unknown> & { step: string };
      expect(said.step).toBe(step);
      return said;
    },
    ended,
    log: () => stderr,
  };
}

/** Runs a script of the caller's in `folder`, to its end. */
export function runPython(
  set: SdkSet,
  folder: string,
  script: string,
  env: Record<string, string>,
): Promise<Outcome> {
  const all = { ...process.env, PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1', ...env };
  const child = spawn(set.install(), [script], { cwd: folder, env: all, stdio: ['ignore', 'pipe', 'pipe'] });
  atEnd(() => void child.kill('SIGKILL'));
  return outcomeOf(child);
}

/** The files of an analysis once more, as `croft analyse --project PROJECT` would have written them. */
export function copyAnalysis(from: string, to: string, project: string): void {
  cpSync(from, to, { recursive: true });
  const file = join(to, 'task.json');
  const task = JSON.parse(readFileSync(file, 'utf8')) as { task_info: Record<string, string> };
  task.task_info.project_name = project;
  writeFileSync(file, JSON.stringify(task));
}

/** One request of the SDK and what it got, as tests/python/recorder notes it. */
export interface Exchange {
  url: string;
  headers: Record<string, string>;
  body: string;
  status: number;
  reply: { code: number; message: string; detail?: string; data: unknown } | null;
  /** Keys of the reply that the SDK looked at, with their place, and whether they were there. */
  looked: Record<string, boolean>;
}

/** One call of tests/python/every_method.py. */
export interface MethodCall {
  name: string;
  error: string | null;
  /** An error that ought to be: the package's own before it sends anything, the farm's code, or its word on good answers. */
  expected: 'client' | 'api' | 'judged' | null;
  answer: unknown;
  exchanges: Exchange[];
}

interface EveryMethod {
  calls: MethodCall[];
  methods: { number: number; not_called: string[] };
  labels: { ids: number[]; left: string[] } | null;
}

/** Runs tests/python/every_method.py to its end with the recorder. */
export async function everyMethod(
  set: SdkSet,
  { args, home }: { args: readonly string[]; home: string },
  env: Record<string, string>,
): Promise<EveryMethod> {
  const recorder = join(projectRoot, 'tests', 'python', 'recorder');
  const all = { PYTHONPATH: recorder, PYTHONDONTWRITEBYTECODE: '1', ...env };
  const script = startPython(set.install(), 'every_method.py', args, home, all);
  const told: EveryMethod = { calls: [], methods: { number: 0, not_called: ['all'] }, labels: null };
  for await (const line of script.lines) {
    const said = JSON.parse(line);
    if (said.step === 'call') told.calls.push(said);
    if (said.step === 'methods') told.methods = said;
    if (said.step === 'labels') told.labels = said;
  }
  const code = await script.ended;
  if (code !== 0)
    throw new Error(`${set.name}: the script ended with ${code}:\n${script.log().slice(-6000)}`);
  return told;
}
