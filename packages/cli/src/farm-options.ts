import type { OptionSpec } from './command-spec.ts';

/** Options of every command that speaks to a farm. */
export const FARM_OPTIONS: readonly OptionSpec[] = [
  ['--server <url>', 'address of the farm (default: CROFT_SERVER, else the farm of the home folder)'],
  ['--home <dir>', 'home folder with the settings (default: CROFT_HOME, else ~/.croft)'],
  ['--ca <file>', 'certificate to trust, for a farm with TLS of its own (default: CROFT_CA)'],
];
