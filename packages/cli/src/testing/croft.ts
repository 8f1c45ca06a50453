/** The command line as a user meets it: a line goes in, an exit code and two texts come out. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../run-command-line.ts';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command in this process: as a process of its own would, without the third of a second that its start costs. */
export async function croft(
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  const sinkTo = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      outcome[name] += text;
    },
  });
  outcome.code = await runCommandLine(args, {
    sinks: { out: sinkTo('stdout'), err: sinkTo('stderr') },
    input: Readable.from([input]),
    env,
    onInterrupt: () => () => {},
  });
  return outcome;
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Runs a command as a process: for what only a real exit code and real pipes can show. */
export function croftProcess(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      outcome[name] += chunk;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...outcome, code })));
}
