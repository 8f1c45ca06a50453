import type { CommandLine, CommandSpec, OptionSpec } from '../command-spec.ts';
import { syncPolicy } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import type { RunFarmOptions } from '../farm-process/run-farm.ts';

/** Where a farm listens when nothing is said. */
export const DEFAULT_PORT = 8420;

export const LISTEN_OPTIONS: readonly OptionSpec[] = [
  ['--home <dir>', 'folder for everything the farm keeps (default: CROFT_HOME, else ~/.croft)'],
  ['--port <n>', `port to listen on, 0 for a free one (default: ${DEFAULT_PORT})`],
  ['--host <address>', 'address to listen on; 0.0.0.0 lets other machines in (default: 127.0.0.1)'],
  ['--tls-port <n>', 'also listen with TLS on this port, 0 for a free one; with a certificate of its own'],
  ['--tls-cert <file>', 'your certificate (PEM, with its chain) instead; with --tls-key'],
  ['--tls-key <file>', 'the private key of --tls-cert (PEM)'],
  ['--public-host <name>', 'name or address by which clients reach this machine; repeatable', 'many'],
  [
    '--time-zone <zone>',
    'zone of times that the Renderbus API writes without one, as Europe/Berlin (default: CROFT_TIME_ZONE, else the machine’s)',
  ],
  [
    '--blobs <address>',
    's3://bucket/folder?endpoint=URL: keep the bytes of a new farm in a bucket (default: CROFT_BLOBS, else the home)',
  ],
  [
    '--sync <policy>',
    'always or never: wait until bytes are on the disk, or leave that to the system (default: CROFT_SYNC, else always)',
  ],
  ['--call-rate <n>', 'API calls a second that one key may make for long, 0 for any number (default: 200)'],
  [
    '--node-grace <seconds>',
    'how long a node that vanished keeps its frames before others render them, 1 to 86400 (default: 30)',
  ],
];

/** Where to listen, as the command line says. */
function listenOn(context: CommandContext, line: CommandLine): Omit<RunFarmOptions, 'node'> {
  const tlsPort = line.integer('tlsPort', 0, 65_535);
  const certificatePath = line.text('tlsCert');
  const keyPath = line.text('tlsKey');
  if ((certificatePath === undefined) !== (keyPath === undefined)) {
    throw cliErrors.CLI_USAGE('a certificate needs its key, and a key its certificate', {
      hint: 'Give both --tls-cert and --tls-key, or neither: then the farm makes a certificate of its own.',
    });
  }
  if (certificatePath !== undefined && tlsPort === undefined) {
    throw cliErrors.CLI_USAGE('there is a certificate, but no port for TLS', {
      hint: 'Add --tls-port 8421.',
    });
  }
  const timeZone = line.text('timeZone') ?? context.config.timeZone ?? undefined;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw cliErrors.CLI_USAGE(`there is no time zone ${JSON.stringify(timeZone.slice(0, 60))}`, {
      hint: 'Name one as the tz database does: Europe/Berlin, Asia/Shanghai, UTC.',
    });
  }
  const sync = syncPolicy(line.text('sync') ?? context.config.sync);
  if (sync === undefined)
    throw cliErrors.CLI_USAGE('there is no such policy for --sync', { hint: 'Say always or never.' });
  const files = certificatePath && keyPath ? { files: { certificatePath, keyPath } } : {};
  return {
    home: context.config.home,
    host: line.text('host'),
    port: line.integer('port', 0, 65_535) ?? DEFAULT_PORT,
    tls: tlsPort === undefined ? null : { port: tlsPort, ...files },
    publicHosts: line.texts('publicHost'),
    blobs: line.text('blobs') ?? context.config.blobs,
    sync,
    timeZone,
    callsPerSecond: line.integer('callRate', 0, 1_000_000),
    nodeGraceSeconds: line.integer('nodeGrace', 1, 86_400),
  };
}

/** Whether this runtime knows the zone; asked before anything heavy is loaded. */
function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

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
      ...listenOn(context, line),
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
    return runFarm(context, { ...listenOn(context, line), node: null });
  },
};
