import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const nodes: CommandSpec = {
  usage: 'nodes',
  group: 'Look',
  summary: 'list the machines that render',
  options: FARM_OPTIONS,
  examples: [['croft nodes', 'machines with their state, apps, memory and free disk']],
  async run(context) {
    const [session, { formatBytes, formatMemory, formatTable }] = await Promise.all([
      context.session(),
      import('../format.ts'),
    ]);
    const rows = await session.native.nodes();
    context.printer.result({ items: rows, total: rows.length }, () => {
      if (rows.length === 0) return 'no node has joined yet; see "croft node --help"';
      const cells = rows.map((node) => [
        node.name,
        node.state,
        `${node.running}/${node.slots}`,
        node.apps.map(({ app, version }) => `${app} ${version}`).join(', '),
        `${node.cpuThreads} × ${node.cpuModel}`,
        formatMemory(node.memoryBytes),
        formatBytes(node.diskFreeBytes),
      ]);
      return formatTable(['node', 'state', 'running', 'apps', 'cpu', 'memory', 'disk free'], cells);
    });
    return undefined;
  },
};
