/** A node in this process, until it is told to stop. */
import { hostname } from 'node:os';
import path from 'node:path';
import { loadApps } from '@croft/dcc';
import { startNode } from '@croft/node';
import type { CommandContext } from '../context.ts';
import { openFileLog } from '../file-log.ts';
import { whenAborted } from './when-aborted.ts';

export interface RunNodeOptions {
  readonly home: string;
  readonly server: string | undefined;
  readonly code: string | undefined;
  readonly name: string | undefined;
  readonly slots: number | undefined;
}

/** Starts the node, says that it is ready, drains it at the first signal. */
export async function runNode(context: CommandContext, options: RunNodeOptions): Promise<undefined> {
  const { clock, config, printer, signal } = context;
  const { home, server, code, name, slots } = options;
  const log = openFileLog({
    file: path.join(home, 'node.log'),
    level: config.logLevel,
    clock,
    onWarning: (line) => printer.warn(line),
  });
  context.atEnd(() => log.close());
  const node = await startNode({
    home,
    ...(server === undefined ? {} : { server }),
    ...(code === undefined ? {} : { code }),
    ...(name === undefined ? {} : { name }),
    ...(slots === undefined ? {} : { slots }),
    log,
    clock,
    apps: await loadApps(),
    env: config.environment,
    appsFile: path.join(config.cache, 'apps.json'),
  });
  printer.result(
    { nodeId: node.nodeId, home, server: server ?? null },
    () => `node ${name ?? hostname()} renders; Ctrl-C ends it`,
  );
  await Promise.race([whenAborted(signal), node.stopped]);
  await node.drain();
  return undefined;
}
