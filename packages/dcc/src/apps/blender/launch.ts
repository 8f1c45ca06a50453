/**
 * Starts Blender and speaks with the script in it (`session.py`).
 *
 * The scene is opened by the command line, with factory settings, without auto-running scripts, in an environment of its own;
 * before it, a script that keeps simulations from writing, because they do so while the scene opens (session_caches.py).
 *
 * Node → Blender (stdin, a session only): one JSON line a unit, `{"frameId":7,"first":7,"last":7,"step":1}`.
 * The end of stdin ends Blender at once, in either mode, also in the middle of a frame: a dead node leaves none behind.
 *
 * Blender → node (stdout): lines `CROFT-<nonce> {json}`; lines without the mark mean nothing but progress.
 *   ready                                       the scene is open and its writers are redirected
 *   started {frameId}                           the first frame number of the unit begins
 *   output  {frameId,file,frame,kind,layer,camera}  one file of the unit, `file` relative to the outputs folder
 *   done    {frameId,outputs}                   all files of the unit are in place; `outputs` says how many were named
 *   failed  {frameId|null,code,reason}          the unit failed (the session goes on), or with null the whole run
 * A session then waits for the next line. A batch renders all its units in order and exits with 0; it stops at a failure.
 * From the first message on Blender's own text comes on stderr, so that stdout belongs to the messages.
 */
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OrderedFrame } from '@croft/contract';
import type { AppRun, Launch } from '../../app.ts';
import { sessionParser } from './session-events.ts';
import { readSettings } from './settings.ts';

/** Exit code of Blender when our script itself breaks. */
const SCRIPT_BROKE = 97;

const cacheGuard = fileURLToPath(new URL('./session_caches.py', import.meta.url));
const script = fileURLToPath(new URL('./session.py', import.meta.url));

/** The Blender process for a run. Throws DCC_SETTINGS_DAMAGED on settings that this version did not make. */
export function launch(run: AppRun): Launch {
  const settings = readSettings(run.settings);
  const scene = join(run.work.inputs, ...run.work.scenePath.split('/').filter((name) => name !== ''));
  if (!isAbsolute(scene)) throw new Error('the inputs folder must be an absolute path');
  const config = {
    nonce: run.nonce,
    scene,
    inputs: run.work.inputs,
    outputs: run.outputs,
    fluids: join(run.scratch, 'fluids'),
    settings,
    batch: settings.mode === 'batch' ? packUnits(run.frames) : null,
  };
  return {
    mode: settings.mode,
    file: run.installation.executable,
    args: [
      '-b',
      '--factory-startup',
      '--disable-autoexec',
      '-noaudio',
      ...(run.threads > 0 ? ['-t', String(run.threads)] : []),
      '--python-exit-code',
      String(SCRIPT_BROKE),
      '--python',
      cacheGuard,
      scene,
      '--python',
      script,
      '--',
      JSON.stringify(config),
    ],
    env: scrubbedEnv(run.scratch),
    cwd: run.scratch,
    sessionKey: JSON.stringify([
      'blender',
      run.installation.executable,
      scene,
      run.outputs,
      settings,
      run.threads,
    ]),
    request: requestLine,
    parse: sessionParser({ nonce: run.nonce, outputs: run.outputs, scene, join }),
  };
}

/** Nothing of the node's environment: no secrets for a hostile scene, no settings that change pictures. */
function scrubbedEnv(scratch: string): Record<string, string> {
  const env: Record<string, string> = { HOME: scratch, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };
  for (const name of ['TMPDIR', 'TMP', 'TEMP', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME']) {
    env[name] = scratch;
  }
  for (const name of ['RESOURCES', 'CONFIG', 'SCRIPTS', 'DATAFILES', 'EXTENSIONS']) {
    env[`BLENDER_USER_${name}`] = join(scratch, 'user', name.toLowerCase());
  }
  if (process.platform === 'win32') {
    return {
      ...env,
      USERPROFILE: scratch,
      SYSTEMROOT: 'C:\\Windows',
      PATH: 'C:\\Windows\\System32;C:\\Windows',
    };
  }
  return { ...env, PATH: '/usr/bin:/bin' };
}

function requestLine({ frameId, first, last, step, tile, tiles }: OrderedFrame): string {
  if (tiles !== 1 || tile !== 0) throw new Error('a Blender session renders whole pictures only');
  return `${JSON.stringify({ frameId, first, last, step })}\n`;
}

/** `count` units of the same shape, each `stride` frames and one frame id after the one before. */
interface PackedUnits {
  readonly frameId: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  stride: number;
  count: number;
}

/** Packs units that go on evenly, so that a batch of any length fits on a command line. */
export function packUnits(frames: readonly OrderedFrame[]): PackedUnits[] {
  const packed: PackedUnits[] = [];
  for (const frame of frames) {
    const run = packed.at(-1);
    const stride = run && run.count > 1 ? run.stride : frame.first - (run?.first ?? 0);
    if (run && goesOn(run, stride, frame)) {
      run.stride = stride;
      run.count++;
    } else {
      packed.push({
        frameId: frame.frameId,
        first: frame.first,
        last: frame.last,
        step: frame.step,
        stride: 0,
        count: 1,
      });
    }
  }
  return packed;
}

function goesOn(run: PackedUnits, stride: number, frame: OrderedFrame): boolean {
  return (
    frame.frameId === run.frameId + run.count &&
    frame.step === run.step &&
    frame.first === run.first + run.count * stride &&
    frame.last === run.last + run.count * stride
  );
}
