import type { OptionSpec } from './command-spec.ts';

/** Of commands that send files to the input storage. */
export const LOCAL_DB_OPTION: OptionSpec = [
  '--no-local-db',
  'read every file, also those that look as they did when they were last sent (see CROFT_LOCAL_DB)',
];
