/** The commands as a commander program: names, help, parsing. Nothing here runs or loads a farm. */
import { Command, CommanderError, Option, type OutputConfiguration } from 'commander';
import type { CommandSpec } from './command-spec.ts';
import { EXIT_TABLE } from './exits.ts';
import type { Sink } from './printers/printer.ts';

export interface Parsed {
  readonly spec: CommandSpec;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

const GROUPS: Readonly<Record<CommandSpec['group'], string>> = {
  Render: 'Rendering:',
  Look: 'Looking:',
  Steer: 'Steering:',
  Farm: 'The farm:',
};

/** Where the output is no terminal. */
const PLAIN_COLUMNS = 80;

/** Builds the program; help goes to `out`, and `choose` is told which command the line names. */
export function buildProgram(
  specs: readonly CommandSpec[],
  version: string,
  out: Sink,
  choose: (parsed: Parsed) => void,
): Command {
  const output = outputTo(out);
  const program = new Command('croft')
    .description('Your own render farm: start it, render on it, look after it.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput(output)
    .addHelpText('after', overviewHelp());
  for (const spec of specs) addCommand(program, spec, output, choose);
  return program;
}

/** Commander's complaints come as errors as well, and are told by whoever catches those. */
function outputTo(out: Sink): OutputConfiguration {
  return {
    writeOut: (text) => void out.write(text),
    writeErr: () => {},
    getOutHelpWidth: () => (out.isTTY ? (out.columns ?? PLAIN_COLUMNS) : PLAIN_COLUMNS),
  };
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  output: OutputConfiguration,
  choose: (parsed: Parsed) => void,
): void {
  const command = program
    .command(spec.usage)
    .summary(spec.summary)
    .description([spec.summary, spec.details].filter(Boolean).join('\n\n'))
    .helpGroup(GROUPS[spec.group])
    .helpOption('-h, --help', 'show help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput(output);
  for (const [flags, description, many] of spec.options) {
    const option = new Option(flags, description);
    if (many) option.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    command.addOption(option);
  }
  command.addOption(
    new Option('--json', 'one JSON line on stdout; progress and errors as JSON lines on stderr'),
  );
  command.addHelpText('after', commandHelp(spec));
  command.action((...given: unknown[]) => {
    const options = given.at(-2) as Record<string, unknown>;
    // An argument that may be repeated (<ids...>) comes as a list.
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    choose({ spec, args, options });
  });
}

function overviewHelp(): string {
  return [
    '',
    'First steps:',
    '  croft demo                     see it work: a farm, a scene, its frames',
    '  croft up                       start a farm on this machine',
    '  croft render scene.blend       render on it, and get the frames',
    '  croft COMMAND --help           options and examples of a command',
    '',
    'Settings come from flags, then CROFT_HOME, CROFT_SERVER, CROFT_ACCESS_ID and CROFT_ACCESS_KEY, then the',
    'client.json that "croft up" wrote to the home folder.',
    '',
    'Exit codes:',
    ...EXIT_TABLE.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`),
  ].join('\n');
}

function commandHelp(spec: CommandSpec): string {
  const lines = ['', 'Examples:'];
  for (const [line, meaning] of spec.examples) lines.push(`  ${line}`, `      ${meaning}`);
  lines.push('', 'Exit codes:');
  const special = spec.exits ?? [];
  for (const [code, meaning] of [[0, 'done'] as const, ...special])
    lines.push(`  ${String(code).padEnd(4)} ${meaning}`);
  lines.push('  See "croft --help" for all of them.');
  return lines.join('\n');
}

/** Whether commander stopped because it has shown what was asked for. */
export function isShown(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.exitCode === 0;
}

export function isUsage(thrown: unknown): thrown is CommanderError {
  return thrown instanceof CommanderError;
}
