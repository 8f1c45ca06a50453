/**
 * Which Blenders are on this machine, and what each can really do here. An ability is granted only after a picture: a build
 * without a denoiser, or Eevee on a machine without graphics (where it crashes), is found out before a frame is at stake.
 */
import { fileURLToPath } from 'node:url';
import { SECOND } from '@croft/contract';
import type { Installation, MachineProbe } from '../../app.ts';
import { blenderExecutables } from './detect-places.ts';

/** The first start of a cold installation reads some hundred megabytes. */
const VERSION_TIMEOUT = 30 * SECOND;
/** A cold start and two pictures of 16×16 pixels, on a busy machine. */
const PICTURE_TIMEOUT = 60 * SECOND;

/** Each engine in a process of its own, because a crash of one must not cost the others. */
const ENGINES = ['cycles', 'eevee', 'workbench'] as const;

const script = fileURLToPath(new URL('./detect_probe.py', import.meta.url));

/**
 * Finds and probes all installations; one that does not start is left out. Some seconds for each: the caller may keep an
 * answer as long as the executable's path and modification time stay the same.
 */
export async function detect(probe: MachineProbe): Promise<Installation[]> {
  const found: Installation[] = [];
  for (const executable of await blenderExecutables(probe)) {
    const version = await versionOf(executable, probe);
    if (version === null) continue;
    found.push({ executable, version, abilities: await abilitiesOf(executable, probe) });
  }
  return found;
}

async function versionOf(executable: string, probe: MachineProbe): Promise<string | null> {
  const answer = await probe.run(executable, ['--version'], VERSION_TIMEOUT);
  return answer === null ? null : versionIn(answer.stdout);
}

/** `3.4.1` from the text of `blender --version`; null where the program is no Blender. */
export function versionIn(text: string): string | null {
  return /^Blender (\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1] ?? null;
}

async function abilitiesOf(executable: string, probe: MachineProbe): Promise<string[]> {
  const abilities: string[] = [];
  for (const engine of ENGINES) {
    const args = [
      '-b',
      '--factory-startup',
      '-noaudio',
      '-t',
      '1',
      '--python',
      script,
      '--',
      probe.scratch,
      engine,
    ];
    const answer = await probe.run(executable, args, PICTURE_TIMEOUT);
    if (answer !== null) abilities.push(...abilitiesIn(answer.stdout));
  }
  return abilities;
}

function abilitiesIn(stdout: string): string[] {
  const line = /^CROFT-PROBE (\[.*\])$/m.exec(stdout)?.[1];
  if (line === undefined) return [];
  const words: unknown = JSON.parse(line);
  return Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [];
}
