/** What this machine is and how busy it is. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { MiB, type NodeFacts, SECOND } from '@croft/contract';

const PROBE_TIMEOUT_MS = 10 * SECOND;

export type Gpu = NodeFacts['gpus'][number];

export function operatingSystem(): NodeFacts['os'] {
  if (process.platform === 'win32') return 'windows';
  return process.platform === 'darwin' ? 'macos' : 'linux';
}

export function cpuFacts(): Pick<NodeFacts, 'arch' | 'cpuModel' | 'cpuThreads'> {
  return { arch: arch(), cpuModel: cpus()[0]?.model.trim() || 'unknown', cpuThreads: availableParallelism() };
}

/** Memory the node may use: the machine's, or the container's where that is less. */
export function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

export function memoryFreeBytes(): number {
  return Math.max(0, Math.round(process.availableMemory() || freemem()));
}

/** Whether an app that only waits for work should give its memory to one that starts. */
export function isMemoryScarce(): boolean {
  return memoryFreeBytes() < memoryBytes() / 4;
}

/** Share of all processors in use since the last call, in percent. */
export class CpuMeter {
  #last = totals();

  percent(): number {
    const now = totals();
    const all = now.all - this.#last.all;
    const idle = now.idle - this.#last.idle;
    this.#last = now;
    return all <= 0 ? 0 : Math.round(1000 * (1 - idle / all)) / 10;
  }
}

/** Graphics processors: by nvidia-smi where present, else the names that lspci or the kernel gives. */
export async function gpuFacts(): Promise<Gpu[]> {
  const nvidia = await output('nvidia-smi', [
    '--query-gpu=name,memory.total',
    '--format=csv,noheader,nounits',
  ]);
  if (nvidia !== null) {
    return linesOf(nvidia).map((line) => {
      const [model = 'NVIDIA', megabytes = ''] = line.split(',').map((part) => part.trim());
      const size = Number(megabytes);
      return { model, memoryBytes: Number.isFinite(size) && megabytes !== '' ? size * MiB : null };
    });
  }
  const pci = await output('lspci', ['-mm']);
  if (pci !== null) {
    return linesOf(pci)
      .filter((line) => /"(VGA compatible controller|3D controller|Display controller)"/.test(line))
      .map((line) => ({
        model: (line.match(/"[^"]*"/g) ?? []).slice(1, 3).join(' ').replaceAll('"', ''),
        memoryBytes: null,
      }));
  }
  const cards = await readdir('/sys/class/drm').catch(() => []);
  return cards.filter((name) => /^card\d+$/.test(name)).map((model) => ({ model, memoryBytes: null }));
}

/** First program of that name on the path of `env`; null where there is none. */
export async function programOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter).filter((one) => one !== '')) {
    const names = await readdir(folder).catch(() => []);
    const found = names.find((one) => one === name || one.toLowerCase() === `${name}.exe`);
    if (found !== undefined) return join(folder, found);
  }
  return null;
}

function output(file: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: PROBE_TIMEOUT_MS, maxBuffer: MiB, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function totals(): { all: number; idle: number } {
  let all = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.irq + times.idle;
    idle += times.idle;
  }
  return { all, idle };
}
