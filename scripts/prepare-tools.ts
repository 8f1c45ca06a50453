/**
 * The programs that suites use beside Croft itself. As root, or with sudo that asks nothing, on Debian, missing ones are
 * installed; elsewhere they are named, and the suites that need them skip themselves with a message.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { whyNoS3Servers } from '../tests/support/s3-servers.ts';

interface Tool {
  /** What the suites use it for. */
  why: string;
  /** Debian packages that bring it. */
  packages: readonly string[];
  present(): boolean;
}

const runs = (file: string, ...args: string[]) => spawnSync(file, args, { stdio: 'ignore' }).status === 0;

const TOOLS: readonly Tool[] = [
  { why: 'rendering', packages: ['blender'], present: () => runs('blender', '--version') },
  { why: 'reading EXR', packages: ['openimageio-tools'], present: () => runs('oiiotool', '--help') },
  { why: 'the web page in a browser', packages: ['chromium'], present: () => runs('chromium', '--version') },
  {
    why: 'the local database in Redis',
    packages: ['redis-server'],
    present: () => runs('redis-server', '--version'),
  },
  {
    why: 'the real Python SDK',
    packages: ['python3', 'python3-venv'],
    present: () => runs('python3', '-c', 'import ensurepip, venv'),
  },
];

/** Installs what is missing where that is allowed; says what is missing where it is not. Never fails the run. */
export function prepareTools(): void {
  const missing = TOOLS.filter((tool) => !tool.present());
  if (missing.length === 0) return;
  const packages = missing.flatMap((tool) => tool.packages);
  if (!installDebian(packages)) {
    for (const tool of missing) {
      process.stdout.write(`missing for ${tool.why}: ${tool.packages.join(', ')}; its suites are skipped\n`);
    }
  }
}

/**
 * Begins to build the S3 servers of the suites, which takes minutes the first time, beside the checks and the first suites;
 * those that need one wait for it (`tests/support/s3-servers.ts`). Returns how to stop what is not done at the end.
 */
export function prepareS3Servers(): () => void {
  if (whyNoS3Servers() !== null) return () => {};
  const script = fileURLToPath(new URL('../tests/support/s3-servers.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: 'ignore' });
  // The suites get the processor first; those that wait for the build leave it all to it.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  return () => void child.kill();
}

function installDebian(packages: readonly string[]): boolean {
  if (!runs('apt-get', '--version')) return false;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs('sudo', '-n', 'true')) return false;
  const prefix = isRoot ? [] : ['sudo', '-n'];
  const apt = (...args: string[]) => {
    const [file, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return spawnSync(file!, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  };
  process.stdout.write(`installing from Debian for the suites: ${packages.join(', ')}\n`);
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages);
  return install() || (apt('update') && install());
}
