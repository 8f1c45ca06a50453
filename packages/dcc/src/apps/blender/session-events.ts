/**
 * What Blender's stdout and stderr mean. Only lines that begin with the run's own mark are messages; all other text is
 * the scene's or Blender's, and the most it can move is the progress bar.
 */
import type { FailureClass } from '@croft/contract';
import type { AppEvent, AppOutput } from '../../app.ts';
import { progressOf } from './progress.ts';

const LONGEST_REASON = 2000;

/** What the parser has to know of the run. */
export interface SessionRun {
  readonly nonce: string;
  /** The folder that outputs are named below. */
  readonly outputs: string;
  /** Absolute path of the scene, to know Blender's complaint about it. */
  readonly scene: string;
  /** Joins the outputs folder and a relative path with slashes, as the platform does. */
  join(folder: string, relative: string): string;
}

/**
 * Makes the parser of one process. It remembers the outputs of the frame in hand, since each comes as a message of its own
 * (a long list in one line would be at the mercy of the pipe's size), so it serves one process only.
 */
export function sessionParser(run: SessionRun): (line: string) => AppEvent | null {
  const mark = `CROFT-${run.nonce} `;
  let outputs: AppOutput[] = [];
  let opened = false;

  return (line) => {
    if (!line.startsWith(mark)) {
      if (!opened && line.startsWith('Error: ') && line.includes(`'${run.scene}'`))
        return sceneUnreadable(line);
      const percent = progressOf(line);
      return percent === null ? null : { kind: 'progress', percent };
    }
    opened = true;
    const message = fieldsOf(line.slice(mark.length));
    const frameId = typeof message?.frameId === 'number' ? message.frameId : null;
    switch (message?.event) {
      case 'ready':
        return { kind: 'ready' };
      case 'output':
        outputs.push(outputOf(message, run));
        return null;
      case 'started':
        outputs = [];
        return frameId === null ? broken(line) : { kind: 'frame-started', frameId };
      case 'done': {
        const named = outputs;
        outputs = [];
        if (frameId === null || named.length !== message.outputs) return broken(line);
        return { kind: 'frame-done', frameId, outputs: named };
      }
      case 'failed':
        outputs = [];
        return failureOf(frameId, message);
      default:
        return broken(line);
    }
  };
}

/** null where the text is no JSON object, as when a line was cut on its way. */
function fieldsOf(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A message of our own script that makes no sense ends the run, because what it was to say is lost. */
function broken(line: string): AppEvent {
  return {
    kind: 'frame-failed',
    frameId: null,
    failure: 'scene',
    code: 'DCC_SESSION_BUG',
    reason: `the script in Blender said something unreadable: ${line.slice(0, 200)}`,
  };
}

function sceneUnreadable(line: string): AppEvent {
  return {
    kind: 'frame-failed',
    frameId: null,
    failure: 'scene',
    code: 'DCC_SCENE_UNREADABLE',
    reason: line.slice('Error: '.length, LONGEST_REASON),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function outputOf(message: Record<string, unknown>, run: SessionRun): AppOutput {
  return {
    file: run.join(run.outputs, String(message.file)),
    frame: Number(message.frame),
    kind: message.kind === 'main' ? 'main' : 'element',
    layer: textOrNull(message.layer),
    camera: textOrNull(message.camera),
  };
}

function failureOf(frameId: number | null, message: Record<string, unknown>): AppEvent {
  const reason = String(message.reason).slice(0, LONGEST_REASON);
  const code = String(message.code);
  const found =
    code === 'DCC_RENDER_FAILED' ? NOT_THE_SCENE.find(({ says }) => says.test(reason)) : undefined;
  return {
    kind: 'frame-failed',
    frameId,
    failure: found?.failure ?? 'scene',
    code: found?.code ?? code,
    reason,
  };
}

/** What Blender's error text tells about failures that are not the scene's fault, most telling first. */
const NOT_THE_SCENE: readonly { says: RegExp; failure: FailureClass; code: string }[] = [
  {
    says: /out of (gpu |host |device )?memory|cannot allocate|MemoryError|\b[mc]alloc (failed|returns null)/i,
    failure: 'memory',
    code: 'DCC_OUT_OF_MEMORY',
  },
  { says: /no space left|disk full|quota exceeded/i, failure: 'node', code: 'DCC_DISK_FULL' },
  {
    says: /\b(cuda|hip|optix|metal|oneapi|opengl|gpu|egl)\b.*(error|fail|not supported|unavailable)/i,
    failure: 'node',
    code: 'DCC_GPU_FAILED',
  },
  {
    says: /read-only file system|permission denied|input\/output error/i,
    failure: 'node',
    code: 'DCC_DISK_FAILED',
  },
];
