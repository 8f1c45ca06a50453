import type { CommandSpec } from '../command-spec.ts';

const HOME_OPTION = ['--home <dir>', 'home of the farm (default: CROFT_HOME, else ~/.croft)'] as const;

export const backup: CommandSpec = {
  usage: 'backup',
  group: 'Farm',
  summary: 'copy a farm, also while it runs',
  details:
    'Copies a snapshot of the database first, then every file it refers to, the master key and the settings, with a manifest of hashes. The folder must be new or empty. Keep it safe: it holds the keys.',
  options: [['--to <dir>', 'folder for the copy; new or empty'], HOME_OPTION],
  examples: [
    ['croft backup --to /mnt/backup/croft', 'copy the farm of this machine'],
    ['croft restore /mnt/backup/croft --home /data/farm', 'bring it back'],
  ],
  exits: [
    [3, 'the folder is not empty, or the home holds no farm'],
    [7, 'no room in the folder'],
  ],
  async run(context, line) {
    const to = line.required('to');
    const [{ backupFarm }, { formatBytes }] = await Promise.all([
      import('../farm-process/backup-farm.ts'),
      import('../format.ts'),
    ]);
    const made = await backupFarm(context, to);
    context.printer.result(made, () =>
      [
        `${made.files} files, ${formatBytes(made.bytes)} in ${made.folder}`,
        ...(made.bucket === null
          ? []
          : [`the bytes of files stay in ${made.bucket}; copy that bucket as well`]),
      ].join('\n'),
    );
    return undefined;
  },
};

export const restore: CommandSpec = {
  usage: 'restore <from>',
  group: 'Farm',
  summary: 'bring a farm back from a backup, into a new home',
  details:
    'Checks every file against the manifest before the home exists; a damaged backup restores nothing.',
  options: [['--home <dir>', 'home for the farm; new or empty (default: CROFT_HOME, else ~/.croft)']],
  examples: [['croft restore /mnt/backup/croft --home /data/farm', 'then: croft up --home /data/farm']],
  exits: [[3, 'the backup is damaged, or the home is not empty']],
  async run(context, line) {
    const [{ restoreFarm }, { formatBytes }] = await Promise.all([
      import('../farm-process/restore-farm.ts'),
      import('../format.ts'),
    ]);
    const made = await restoreFarm(context, line.arg(0));
    context.printer.result(
      made,
      () =>
        `${made.files} files, ${formatBytes(made.bytes)} in ${made.home}; "croft up --home ${made.home}" starts it`,
    );
    return undefined;
  },
};
