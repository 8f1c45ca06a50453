/**
 * Drives a `Launch` as a node does, for the tests: spawns it in a process group of its own, feeds requests, parses lines.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE, type OrderedFrame } from '@croft/contract';
import type { AppEvent, AppRun, Launch } from '../../../app.ts';
import { launch } from '../launch.ts';
import { type BlenderSettings, writeSettings } from '../settings.ts';

export const BLENDER = '/usr/bin/blender';
export const noBlender = !existsSync(BLENDER);

const PLAIN: BlenderSettings = {
  scene: '',
  engine: 'CYCLES',
  width: null,
  height: null,
  percent: null,
  outputPath: '',
  format: '',
  formatOverride: null,
  fileExtension: true,
  multiview: false,
  denoise: 'off-without-denoiser',
  viewLayers: [],
  camera: '',
  mode: 'session',
  stepFrom: null,
  fileOutputs: false,
};

/** A scene cheap enough to render dozens of: 32×32, one Cycles sample, the factory cube moving with the frame. */
const TINY = `
import bpy, os
scene = bpy.context.scene
render = scene.render
render.engine = 'CYCLES'
scene.cycles.samples = 1
scene.cycles.use_denoising = False
scene.cycles.max_bounces = 2
render.resolution_x = render.resolution_y = 32
render.resolution_percentage = 100
render.filepath = '//render/shot_####'
scene.frame_start, scene.frame_end = 1, 3
cube = bpy.data.objects['Cube']
for frame in (1, 20):
    cube.rotation_euler[2] = frame / 10
    cube.keyframe_insert('rotation_euler', frame=frame)
`;

/** Folders of one test; `close` removes them. */
export interface Bench {
  readonly root: string;
  readonly inputs: string;
  readonly outputs: string;
  readonly scratch: string;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'croft-blender-'));
  const [inputs, outputs, scratch] = ['inputs', 'outputs', 'scratch'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [inputs, outputs, scratch]) await mkdir(folder);
  return { root, inputs, outputs, scratch, close: () => rm(root, { recursive: true, force: true }) };
}

export const closeBenches = (benches: readonly Bench[]) => Promise.all(benches.map((bench) => bench.close()));

/** A file below the inputs, by default `scene.blend`, and the Python that makes it out of the tiny scene. */
export interface SceneFile {
  readonly python: string;
  readonly name?: string;
}

/** Makes files one after another in one Blender, which forgets all between two. In the Python `HERE` is the inputs folder. */
export function makeScenes(files: readonly (SceneFile & { readonly bench: Bench })[]): void {
  const texts = files.map(({ bench, python, name = 'scene.blend' }) => {
    const save = `bpy.ops.wm.save_as_mainfile(filepath=${JSON.stringify(join(bench.inputs, name))}, compress=False)`;
    return `HERE = ${JSON.stringify(bench.inputs)}\n${TINY}\n${python}\n${save}\n`;
  });
  const script = `
import bpy, json, os
for text in json.loads(${JSON.stringify(JSON.stringify(texts))}):
    bpy.ops.wm.read_factory_settings()
    exec(text, {})
os._exit(0)`;
  plainBlender(['--python-exit-code', '9', '--python-expr', script], MAKING_TIMEOUT_MS);
}

const MAKING_TIMEOUT_MS = MINUTE;
const COMPARING_TIMEOUT_MS = 2 * MINUTE;

/** Runs Blender as a user would, to compare with. Returns all it printed. */
export function plainBlender(args: readonly string[], timeoutMs = COMPARING_TIMEOUT_MS): string {
  return execFileSync(BLENDER, ['-b', '--factory-startup', '-noaudio', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: { PATH: '/usr/bin:/bin', HOME: tmpdir() },
  });
}

export interface Driven {
  readonly pid: number;
  readonly text: readonly string[];
  readonly events: readonly AppEvent[];
  send(frame: OrderedFrame): void;
  /** Sends a unit and waits for what became of it. */
  ask(frame: OrderedFrame): Promise<AppEvent>;
  /** The next event of one of the kinds; null when the process ended before. */
  next(...kinds: AppEvent['kind'][]): Promise<AppEvent | null>;
  /** Closes stdin and waits for the end; returns the exit code. */
  end(): Promise<number | null>;
  readonly ended: Promise<number | null>;
}

export function unit(first: number, last = first, step = 1, frameId = 1000 + first): OrderedFrame {
  return { frameId, first, last, step, tile: 0, tiles: 1 };
}

/** How the node would start the run of a bench's scene. */
export function benchLaunch(
  bench: Bench,
  settings: Partial<BlenderSettings> = {},
  frames: readonly OrderedFrame[] = [unit(1)],
): Launch {
  const run: AppRun = {
    installation: { executable: BLENDER, version: '3.4.1', abilities: [] },
    work: { inputs: bench.inputs, scenePath: '/scene.blend' },
    outputs: bench.outputs,
    scratch: bench.scratch,
    settings: writeSettings({ ...PLAIN, ...settings }),
    frames,
    threads: 2,
    nonce: `n${Math.random().toString(36).slice(2)}`,
  };
  return launch(run);
}

/** Starts such a run. */
export function drive(...run: Parameters<typeof benchLaunch>): Driven {
  const how = benchLaunch(...run);
  const child = spawn(how.file, how.args, { env: how.env, cwd: how.cwd, detached: true });
  return new DrivenBlender(child, how);
}

class DrivenBlender implements Driven {
  readonly text: string[] = [];
  readonly events: AppEvent[] = [];
  readonly ended: Promise<number | null>;
  #read = 0;
  #over = false;
  #wake: (() => void)[] = [];
  readonly #child: ChildProcess;
  readonly #how: ReturnType<typeof launch>;

  constructor(child: ChildProcess, how: ReturnType<typeof launch>) {
    this.#child = child;
    this.#how = how;
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => {
        this.#over = true;
        this.#rouse();
        resolve(code);
      });
    });
    child.stdin?.on('error', () => {});
    for (const name of ['stdout', 'stderr'] as const) this.#follow(name);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #follow(name: 'stdout' | 'stderr'): void {
    let rest = '';
    this.#child[name]?.setEncoding('utf8').on('data', (data: string) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.text.push(line);
        const event = this.#how.parse(line, name);
        if (event) this.events.push(event);
      }
      this.#rouse();
    });
  }

  #rouse(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async next(...kinds: AppEvent['kind'][]): Promise<AppEvent | null> {
    for (;;) {
      while (this.#read < this.events.length) {
        const event = this.events[this.#read++]!;
        if (kinds.includes(event.kind)) return event;
      }
      if (this.#over) return null;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  send(frame: OrderedFrame): void {
    this.#child.stdin?.write(this.#how.request(frame));
  }

  async ask(frame: OrderedFrame): Promise<AppEvent> {
    this.send(frame);
    const answer = await this.next('frame-done', 'frame-failed');
    if (!answer) throw new Error(`Blender ended: ${this.text.slice(-20).join('\n')}`);
    return answer;
  }

  end(): Promise<number | null> {
    this.#child.stdin?.end();
    return this.ended;
  }
}
