import type { CommandSpec, OptionSpec } from '../command-spec.ts';

/** Where a farm listens when nothing is said. */
export const DEFAULT_PORT = 8420;

export const LISTEN_OPTIONS: readonly OptionSpec[] = [
  ['--home <dir>', 'folder for everything the farm keeps (default: CROFT_HOME, else ~/.croft)'],
  ['--port <n>', `port to listen on, 0 for a free one (default: ${DEFAULT_PORT})`],
  ['--host <address>', 'address to listen on; 0.0.0.0 lets other machines in (default: 127.0.0.1)'],
];

export const up: CommandSpec = {
  usage: 'up',
  group: 'Farm',
  summary: 'start a farm on this machine: server and node',
  details:
    'Prints the address and a link that signs a browser in once, and writes client.json to the home, so that the other commands find the farm. Ctrl-C or SIGTERM lets frames under way finish (30 s at most); a second one ends at once, and nothing is lost either way.',
  options: [
    ...LISTEN_OPTIONS,
    ['--name <name>', 'how the farm shows the node of this machine (default: its host name)'],
    ['--slots <n>', 'runs of frames at once on this machine (default: 1)'],
  ],
  examples: [
    ['croft up', `a farm in ~/.croft on port ${DEFAULT_PORT}`],
    [
      'croft up --home /data/farm --port 0 --json',
      'one line once it is ready: url, home, accessId, accountId, signInUrl',
    ],
  ],
  exits: [[7, 'the port is taken, or another farm uses the home']],
  async run(context, line) {
    const { runFarm } = await import('../farm-process/run-farm.ts');
    return runFarm(context, {
      home: context.config.home,
      host: line.text('host'),
      port: line.integer('port', 0, 65_535) ?? DEFAULT_PORT,
      node: { name: line.text('name'), slots: line.integer('slots', 1, 1024) },
    });
  },
};

export const server: CommandSpec = {
  usage: 'server',
  group: 'Farm',
  summary: 'start only the server of a farm; machines join with "croft node"',
  options: LISTEN_OPTIONS,
  examples: [
    ['croft server --host 0.0.0.0', 'a farm that other machines can join'],
    ['croft node-code', 'a code for one of them'],
  ],
  exits: [[7, 'the port is taken, or another farm uses the home']],
  async run(context, line) {
    const { runFarm } = await import('../farm-process/run-farm.ts');
    return runFarm(context, {
      home: context.config.home,
      host: line.text('host'),
      port: line.integer('port', 0, 65_535) ?? DEFAULT_PORT,
      node: null,
    });
  },
};
