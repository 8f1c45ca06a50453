/** Runs our Python scripts in the installed Blender, for tests. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MINUTE, MiB } from '@croft/contract';

const BLENDER = '/usr/bin/blender';

/** Whether there is a Blender to judge by; tests that need it say so when they are skipped. */
export const noBlender = !existsSync(BLENDER);

/** Runs a script beside this file with factory settings; returns what it wrote to stdout. */
export async function runBlender(script: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(
    BLENDER,
    ['-b', '--factory-startup', '-noaudio', '--python-exit-code', '9', '--python', path, '--', ...args],
    { maxBuffer: 64 * MiB, timeout: 2 * MINUTE },
  );
  return stdout;
}

/** What Blender finds in each file, see `opened-scenes.py`; files it cannot open have `error`. */
export async function factsByBlender(paths: readonly string[]): Promise<Record<string, BlenderSays>> {
  const stdout = await runBlender('opened-scenes.py', ...paths);
  const line = stdout.split('\n').find((text) => text.startsWith('FACTS '));
  if (line === undefined) throw new Error(`Blender printed no facts: ${stdout.slice(-500)}`);
  return JSON.parse(line.slice('FACTS '.length));
}

export interface BlenderSays {
  error?: string;
  scenes: string[];
  scene: string;
  engine: string;
  frames: [number, number, number];
  size: [number, number, number];
  fps: number;
  output: string;
  format: string;
  extension: boolean;
  multiview: boolean;
  camera: string | null;
  layers: string[];
  markers: [number, string][];
  images: string[];
  libraries: string[];
  sounds: string[];
  fonts: string[];
  caches: string[];
  denoising: boolean;
  places: [string, boolean, boolean][];
  objects: string[];
}
