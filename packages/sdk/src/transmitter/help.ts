/** What `--help` prints. */
import { OPTIONS } from './arguments.ts';
import { TRANSMIT_EXIT_TABLE } from './exits.ts';

export function helpText(): string {
  const options = OPTIONS.map(([short, long, normal, meaning]) => {
    const otherwise = normal === null ? ' (needed)' : normal === '' ? '' : ` (default ${normal})`;
    return `  -${short}, --${`${long} VALUE`.padEnd(20)} ${meaning}${otherwise}`;
  });
  return [
    'rayvision_transmitter: moves files between this machine and a Croft farm, as the Renderbus SDK asks.',
    '',
    'Options:',
    ...options,
    '  -h, --help                 this text',
    '  -v, --version              the version',
    '',
    'Exit codes:',
    ...TRANSMIT_EXIT_TABLE.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`),
  ].join('\n');
}
