#!/usr/bin/env node
/**
 * The `croft` command: parse, run one command, and turn what happens into an exit code. What `--help` and a mistyped
 * command need is loaded here; everything heavy is loaded by the command itself.
 */
import { enableCompileCache } from 'node:module';
import type { Printer } from './printers/printer.ts';
import type { Parsed } from './program.ts';

enableCompileCache();
// Writing to a pipe that its reader has closed (croft tasks | head) is no error of ours.
process.stdout.on('error', ignoreClosedPipe);
const sinks = { out: process.stdout, err: process.stderr };
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [{ buildProgram, isShown, isUsage }, { COMMANDS }, { VERSION }] = await Promise.all([
    import('./program.ts'),
    import('./commands/index.ts'),
    import('./version.ts'),
  ]);
  let parsed: Parsed | null = null;
  const program = buildProgram(COMMANDS, VERSION, (chosen) => {
    parsed = chosen;
  });
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return 0;
    }
    program.parse([...argv], { from: 'user' });
  } catch (thrown) {
    if (isShown(thrown)) return 0;
    if (!isUsage(thrown)) throw thrown;
    return complain(argv, thrown.message);
  }
  return parsed === null ? 0 : runCommand(parsed);
}

async function complain(argv: readonly string[], message: string): Promise<number> {
  const [{ printerFor }, { reportError, usageError }] = await loadRuntime();
  const printer = printerFor(sinks, argv.includes('--json'));
  return reportError(usageError(message), printer);
}

function loadRuntime() {
  return Promise.all([import('./context.ts'), import('./report-error.ts'), import('./command-spec.ts')]);
}

async function runCommand({ spec, args, options }: Parsed): Promise<number> {
  const [{ interruption, openContext, printerFor }, { reportError, usageError }, { CommandLine }] =
    await loadRuntime();
  const printer = printerFor(sinks, options.json === true);
  const interrupted = new AbortController();
  const release = catchSignals((name) => interrupted.abort(interruption(name)), printer);
  // The clock's timers never keep a process alive; a running command does.
  const alive = setInterval(() => {}, 0x7fffffff);
  try {
    const line = new CommandLine(args, options, usageError);
    const context = openContext(
      { home: line.text('home'), server: line.text('server'), ca: line.text('ca') },
      printer,
      interrupted.signal,
    );
    try {
      return (await spec.run(context, line)) ?? 0;
    } finally {
      await context.close();
    }
  } catch (thrown) {
    printer.close();
    return reportError(thrown, printer);
  } finally {
    clearInterval(alive);
    release();
    printer.close();
  }
}

/** The first signal asks the command to end; the second ends the process at once. */
function catchSignals(stop: (name: string) => void, printer: Printer): () => void {
  let count = 0;
  const on = (name: NodeJS.Signals) => {
    count++;
    if (count > 1) {
      printer.close();
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
