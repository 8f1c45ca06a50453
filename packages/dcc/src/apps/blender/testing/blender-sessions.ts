/**
 * Scenes that a test file makes, and what our session says of each, with two starts of Blender for all of them: one makes
 * the scenes, one holds their sessions (several-sessions.py). What depends on the process itself (its start, its pipes, its
 * end, its environment) is tested with `drive`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MINUTE } from '@croft/contract';
import { afterAll, beforeAll } from 'vitest';
import type { AppEvent } from '../../../app.ts';
import type { BlenderSettings } from '../settings.ts';
import {
  type Bench,
  benchLaunch,
  closeBenches,
  makeScenes,
  noBlender,
  openBench,
  type SceneFile,
  unit,
} from './blender-driver.ts';

export interface SessionCase {
  /** Python that makes `scene.blend` out of the tiny scene, or several files in turn. */
  readonly python: string | readonly SceneFile[];
  /** What happens to the files before the session. */
  readonly meanwhile?: (bench: Bench) => Promise<unknown>;
  readonly settings?: Partial<BlenderSettings>;
  /** The units that are asked for, by default frame 1. */
  readonly units?: Parameters<typeof unit>[];
}

export interface HeldSession {
  readonly bench: Bench;
  readonly events: readonly AppEvent[];
  /** What became of each unit; the first of them is `answer`. */
  readonly answers: readonly AppEvent[];
  readonly answer: AppEvent;
}

/** Holds the sessions before the file's tests; the returned function gives one by the name of its case. */
export function sessionsOf<Name extends string>(
  cases: Readonly<Record<Name, SessionCase>>,
): (name: Name) => HeldSession {
  const held = new Map<string, HeldSession>();
  const benches: Bench[] = [];
  beforeAll(async () => {
    if (noBlender) return;
    const all = Object.entries<SessionCase>(cases);
    for (const _ of all) benches.push(await openBench());
    makeScenes(
      all.flatMap(([, { python }], index) => {
        const files = typeof python === 'string' ? [{ python }] : python;
        return files.map((file) => ({ bench: benches[index]!, ...file }));
      }),
    );
    for (const [index, [, { meanwhile }]] of all.entries()) await meanwhile?.(benches[index]!);
    const events = await hold(all.map(([, one], index) => ({ bench: benches[index]!, ...one })));
    for (const [index, [name]] of all.entries()) {
      const answers = events[index]!.filter(({ kind }) => kind === 'frame-done' || kind === 'frame-failed');
      held.set(name, { bench: benches[index]!, events: events[index]!, answers, answer: answers[0]! });
    }
  }, 2 * MINUTE);
  afterAll(() => closeBenches(benches));
  return (name) => held.get(name)!;
}

const script = fileURLToPath(new URL('./several-sessions.py', import.meta.url));

/** Each session's events. Throws with Blender's words where not all ended. */
async function hold(
  cases: readonly ({ bench: Bench } & Pick<SessionCase, 'settings' | 'units'>)[],
): Promise<AppEvent[][]> {
  const sessions = cases.map(({ bench, settings = {}, units = [[1]] }) => {
    const frames = units.map((each) => unit(...each));
    const how = benchLaunch(bench, settings, frames);
    const config = JSON.parse(how.args.at(-1)!) as { scene: string; fluids: string };
    const requests = frames.map((frame) => JSON.parse(how.request(frame)) as object);
    return { how, config: { ...config, requests }, events: [] as AppEvent[] };
  });
  const [{ how, config }] = sessions as [(typeof sessions)[number]];
  // As the first session would be started, but with no scene open and with another script.
  const before = how.args.slice(0, how.args.indexOf(config.scene));
  const all = JSON.stringify({ fluids: config.fluids, sessions: sessions.map((each) => each.config) });
  const child = spawn(how.file, [...before, '--python', script, '--', all], {
    env: how.env,
    cwd: how.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (data: string) => {
      text[name] += data;
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const line of text.stdout.split('\n'))
    for (const { how, events } of sessions) {
      const event = how.parse(line, 'stdout');
      if (event !== null && event.kind !== 'progress') events.push(event);
    }
  if (code !== 0) throw new Error(`Blender ended with ${code}: ${text.stderr.slice(-4000)}`);
  return sessions.map(({ events }) => events);
}
