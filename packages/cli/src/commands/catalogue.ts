import type { CatalogueView } from '@croft/contract';
import type { CommandLine, CommandSpec } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const catalogue: CommandSpec = {
  usage: 'catalogue [action] [file]',
  group: 'Look',
  summary: 'show what the farm can render with, or check a catalogue.json',
  details:
    'Without an action it shows software, hardware with its ids, and packages of nodes. "check" reads a catalogue.json (default: that of the home folder) and says whether it is right; no farm is needed. A running farm takes a changed file within seconds.',
  options: [
    ['--platform <id>', 'hardware of this platform only (default: the first that lists show)'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft catalogue', 'software and hardware of the farm'],
    ['croft catalogue --platform 21', 'with the hardware of platform 21'],
    ['croft catalogue check', 'whether the catalogue.json of the home folder is right'],
  ],
  exits: [[3, 'the file is wrong; the places are named']],
  async run(context, line) {
    switch (line.arg(0)) {
      case '':
      case 'show':
        return show(context, line);
      case 'check':
        return check(context, line);
      default: {
        const { cliErrors } = await import('../errors.ts');
        throw cliErrors.CLI_USAGE(`there is no action ${JSON.stringify(line.arg(0))}`, {
          hint: 'Write "croft catalogue show" or "croft catalogue check FILE".',
        });
      }
    }
  },
};

async function show(context: CommandContext, line: CommandLine): Promise<undefined> {
  const session = await context.session();
  const view = await session.native.catalogue();
  const platform = line.integer('platform', 1, 999_999) ?? view.platforms.find(({ shown }) => shown)?.id;
  const { formatTable } = await import('../format.ts');
  if (view.file.problem !== null)
    context.printer.warn(`catalogue.json is not in use as it is: ${view.file.problem}`);
  context.printer.result(view, () => textOf(view, platform, formatTable));
  return undefined;
}

function textOf(
  view: CatalogueView,
  platform: number | undefined,
  table: (headings: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const software = view.apps.map((app) => [
    String(app.cgId),
    app.name,
    app.versions
      .map((version) => (app.installed.includes(version) ? version : `${version} (no node)`))
      .join(', '),
    app.plugins.map(({ name, version }) => `${name} ${version}`).join(', '),
  ]);
  const hardware = view.hardware
    .filter((row) => row.platform === platform)
    .map((row) => [
      String(row.id),
      row.model,
      `${row.ramGb} GB`,
      row.gpus > 0 ? `${row.gpus}` : '-',
      String(row.nodes),
      row.enabled ? '' : 'off',
    ]);
  return [
    view.apps.length === 0
      ? 'no software yet: no node has joined'
      : table(['cgId', 'software', 'versions', 'plug-ins'], software),
    '',
    `hardware of platform ${platform ?? '-'}`,
    table(['id', 'model', 'memory', 'cards', 'nodes', ''], hardware),
    ...(view.packages.length === 0
      ? []
      : [
          '',
          table(
            ['package', 'name', 'nodes'],
            view.packages.map((one) => [String(one.id), one.name, one.nodes.join(', ')]),
          ),
        ]),
  ].join('\n');
}

async function check(context: CommandContext, line: CommandLine): Promise<undefined> {
  const [{ readFile }, path, { CATALOGUE_FILE, readCatalogueFile }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('@croft/contract'),
  ]);
  const file = line.arg(1) === '' ? path.join(context.config.home, CATALOGUE_FILE) : line.arg(1);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { cliErrors } = await import('../errors.ts');
    throw cliErrors.CLI_FILE_UNREADABLE(`${file} cannot be read`, { cause });
  }
  const { platforms, apps, hardware, packages } = readCatalogueFile(text);
  const counts = {
    platforms: platforms.length,
    apps: apps.length,
    hardware: hardware.length,
    packages: packages.length,
  };
  context.printer.result({ file, ...counts }, () =>
    [`${file} is right`, ...Object.entries(counts).map(([what, count]) => `${what}: ${count}`)].join('\n'),
  );
  return undefined;
}
