#!/usr/bin/env node
/** The `croft` command: this process as the surroundings of one run of the command line. */
import { enableCompileCache } from 'node:module';
import { processEnvironment } from './environment.ts';
import { runCommandLine } from './run-command-line.ts';

enableCompileCache();
// Writing to a pipe that its reader has closed (croft tasks | head) is no error of ours.
process.stdout.on('error', ignoreClosedPipe);
process.exitCode = await runCommandLine(process.argv.slice(2), {
  sinks: { out: process.stdout, err: process.stderr },
  input: process.stdin,
  env: processEnvironment(),
  onInterrupt: catchSignals,
});

/** The first signal asks the command to end; the second ends the process at once. */
function catchSignals(stop: (signalName: string) => void, lastWords: () => void): () => void {
  let count = 0;
  const on = (name: NodeJS.Signals) => {
    count++;
    if (count > 1) {
      lastWords();
      process.exit(130);
    }
    stop(name);
  };
  process.on('SIGINT', on);
  process.on('SIGTERM', on);
  return () => {
    process.off('SIGINT', on);
    process.off('SIGTERM', on);
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}
