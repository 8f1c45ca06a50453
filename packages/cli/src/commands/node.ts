import type { CommandSpec } from '../command-spec.ts';

export const node: CommandSpec = {
  usage: 'node',
  group: 'Farm',
  summary: 'render on this machine for a farm',
  details:
    'The first time it needs the farm and a code from "croft node-code"; then its home knows them. Ctrl-C or SIGTERM lets the frames under way finish; a second one stops at once.',
  options: [
    ['--server <url>', 'address of the farm'],
    ['--code <code>', 'code from "croft node-code"; needed once (or CROFT_NODE_CODE)'],
    ['--name <name>', 'how the farm shows this machine (default: its host name)'],
    ['--slots <n>', 'runs of frames at once (default: 1)'],
    ['--ca <file>', 'certificate to trust, for a farm with TLS of its own (default: CROFT_CA)'],
    ['--home <dir>', 'folder for everything the node keeps (default: node in CROFT_HOME or ~/.croft)'],
  ],
  examples: [
    ['croft node --server http://farm:8420 --code K7…', 'join a farm and render for it'],
    ['croft node', 'render again for the farm joined before'],
  ],
  exits: [
    [5, 'the farm cannot be reached'],
    [6, 'the farm does not accept the code'],
    [7, 'another node uses the home'],
  ],
  async run(context, line) {
    const { runNode } = await import('../farm-process/run-node.ts');
    context.trustCertificate();
    const path = await import('node:path');
    const { config } = context;
    const isGiven = line.text('server') !== undefined || Boolean(config.environment.CROFT_SERVER);
    return runNode(context, {
      home: line.text('home') === undefined ? path.join(config.home, 'node') : config.home,
      server: isGiven && config.url !== null ? config.url : undefined,
      code: line.text('code') ?? config.nodeCode ?? undefined,
      name: line.text('name'),
      slots: line.integer('slots', 1, 1024),
    });
  },
};
