/** What becomes of other files that lie where downloaded ones belong. */
import type { ExistingChoice } from '@croft/sdk';
import type { CommandLine, OptionSpec } from './command-spec.ts';

const CHOICES: readonly ExistingChoice[] = ['overwrite', 'keep', 'rename'];

export const EXISTING_OPTION: OptionSpec = [
  '--existing <rule>',
  'for other files of the same name: overwrite them, keep them, or rename the new file to name(1).png, in an animation (1)name.png (default: overwrite)',
];

/** Throws CLI_USAGE for a word that is none of them. */
export async function existingOf(line: CommandLine): Promise<ExistingChoice> {
  const text = line.text('existing') ?? 'overwrite';
  const choice = CHOICES.find((one) => one === text);
  if (choice !== undefined) return choice;
  const { cliErrors } = await import('./errors.ts');
  throw cliErrors.CLI_USAGE(`--existing is ${CHOICES.join(', ')}, not ${JSON.stringify(text.slice(0, 100))}`);
}
