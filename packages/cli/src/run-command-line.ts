/**
 * The command line as a function: parses, runs one command, and turns what happens into an exit code. What `--help` and a
 * mistyped command need is loaded first; everything heavy is loaded by the command itself.
 */
import type { Input } from './context.ts';
import type { Environment } from './environment.ts';
import type { Printer, Sinks } from './printers/printer.ts';
import type { Parsed } from './program.ts';

/** All that a run touches outside itself, but for files, connections and processes that its command names. */
export interface Surroundings {
  readonly sinks: Sinks;
  /** Where secrets are asked for. */
  readonly input: Input;
  /** The settings of config.ts. */
  readonly env: Environment;
  /**
   * Listens for the user's wish to end, until what it returns is called: `stop` asks the command to end; who does not wait for
   * that calls `lastWords` before the process goes.
   */
  onInterrupt(stop: (signalName: string) => void, lastWords: () => void): () => void;
}

/** Runs `croft ARGV`; gives the exit code. Never throws for what the user or the farm did wrong: that is told on `sinks`. */
export async function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const [{ buildProgram, isShown, isUsage }, { COMMANDS }, { VERSION }] = await Promise.all([
    import('./program.ts'),
    import('./commands/index.ts'),
    import('./version.ts'),
  ]);
  let parsed: Parsed | null = null;
  const program = buildProgram(COMMANDS, VERSION, surroundings.sinks.out, (chosen) => {
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
    return complain(argv, thrown.message, surroundings);
  }
  return parsed === null ? 0 : runCommand(parsed, surroundings);
}

async function complain(argv: readonly string[], message: string, { sinks, env }: Surroundings) {
  const [{ printerFor }, { reportError, usageError }] = await loadRuntime();
  const printer = printerFor(sinks, argv.includes('--json'), env);
  return reportError(usageError(message), printer);
}

function loadRuntime() {
  return Promise.all([import('./context.ts'), import('./report-error.ts'), import('./command-spec.ts')]);
}

async function runCommand({ spec, args, options }: Parsed, surroundings: Surroundings): Promise<number> {
  const [{ interruption, openContext, printerFor }, { reportError, usageError }, { CommandLine }] =
    await loadRuntime();
  const { sinks, env, input } = surroundings;
  const printer: Printer = printerFor(sinks, options.json === true, env);
  const interrupted = new AbortController();
  const release = surroundings.onInterrupt(
    (name) => interrupted.abort(interruption(name)),
    () => printer.close(),
  );
  // The clock's timers never keep a process alive; a running command does.
  const alive = setInterval(() => {}, 0x7fffffff);
  try {
    const line = new CommandLine(args, options, usageError);
    const flags = { home: line.text('home'), server: line.text('server'), ca: line.text('ca') };
    const context = openContext({ flags, env, input, printer, signal: interrupted.signal });
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
