import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const platforms: CommandSpec = {
  usage: 'platforms',
  group: 'Look',
  summary: 'list the platforms: pools of nodes that tasks are created for',
  details:
    'A platform is a number of the Renderbus API. The operator makes one a pool of some nodes in catalogue.json; every other platform is the whole farm.',
  options: [['--all', 'also the known numbers that lists do not show'], ...FARM_OPTIONS],
  examples: [
    ['croft platforms', 'platforms with their nodes and how many slots are at work'],
    ['croft platforms --all --json', 'all of them, as JSON'],
  ],
  async run(context, line) {
    const [session, { formatTable }] = await Promise.all([context.session(), import('../format.ts')]);
    const all = await session.native.platforms();
    const rows = line.flag('all') ? all : all.filter(({ shown, declared }) => shown || declared);
    context.printer.result({ items: rows, total: rows.length }, () =>
      formatTable(
        ['platform', 'name', 'type', 'running', 'nodes'],
        rows.map((row) => [
          String(row.id),
          row.name,
          row.type,
          `${row.running}/${row.onlineSlots}`,
          row.declared ? row.nodes.join(', ') || 'none' : 'the whole farm',
        ]),
      ),
    );
    return undefined;
  },
};
