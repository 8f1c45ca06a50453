/**
 * An app for the node's tests: a real process (`fake-app-process.ts`) that keeps the session protocol and misbehaves as
 * the scene file tells it to.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App, AppEvent } from '@croft/dcc';

const program = fileURLToPath(new URL('./fake-app-process.ts', import.meta.url));

function unused(): never {
  throw new Error('a node does not ask for this');
}

/** `mode` batch: all frames on the command line. */
export function fakeApp(mode: 'session' | 'batch' = 'session'): App {
  return {
    id: 'fake',
    cgId: 1,
    name: 'Fake',
    extensions: ['txt'],
    tips: [],
    recognises: unused,
    analyse: unused,
    plan: unused,
    detect: async () => [{ executable: process.execPath, version: '1.0.3', abilities: [] }],
    localise: async () => {},
    launch(run) {
      const scene = join(run.work.inputs, run.work.scenePath);
      const frames = mode === 'batch' ? run.frames.map((frame) => frame.frameId).join(',') : '';
      const mark = `FAKE-${run.nonce} `;
      return {
        mode,
        file: run.installation.executable,
        args: ['--no-warnings', program, scene, run.outputs, run.nonce, frames],
        env: { HOME: run.scratch },
        cwd: run.scratch,
        sessionKey: `${scene} ${run.outputs} ${JSON.stringify(run.settings)}`,
        request: (frame) => `${frame.frameId}\n`,
        parse(line) {
          if (!line.startsWith(mark)) return null;
          const event = JSON.parse(line.slice(mark.length)) as AppEvent;
          return event;
        },
      };
    },
  };
}
