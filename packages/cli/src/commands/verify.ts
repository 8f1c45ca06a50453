import type { CommandSpec } from '../command-spec.ts';
import { EXISTING_OPTION, existingOf } from '../existing-option.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const verify: CommandSpec = {
  usage: 'verify <task-or-folder>',
  group: 'Render',
  summary: 'check downloaded files byte for byte against what the farm publishes',
  details:
    'Files are hashed here and nothing travels where all is well. Names a task by its id, or a folder of your output storage by its path (/1024_shot). Says which files are missing, damaged (other bytes at the same size and time), changed, or extra; extra files are never touched.',
  options: [
    ['--output <dir>', 'folder with the files (default: ./task-<id>, or the name of the storage folder)'],
    ['--refetch', 'fetch what is missing, damaged or changed again'],
    EXISTING_OPTION,
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft verify 1024', 'are the frames in ./task-1024 those of the farm?'],
    ['croft verify 1024 --output /data/shot --refetch', 'and fetch those that are not'],
    ['croft verify /1024_shot/beauty --output /data/beauty', 'one folder of the outputs'],
  ],
  exits: [
    [0, 'every published file is here as it should be, or was fetched again; extra files do not count'],
    [3, 'files are missing, damaged or changed'],
    [8, 'there is no such task or folder'],
  ],
  async run(context, line) {
    const existing = await existingOf(line);
    const wanted = line.arg(0);
    const isFolder = wanted.startsWith('/');
    const taskId = isFolder ? null : line.taskId(0);
    const path = await import('node:path');
    const usual = taskId === null ? path.posix.basename(wanted) || 'outputs' : `task-${taskId}`;
    const folder = path.resolve(line.text('output') ?? usual);
    const [session, { folderToVerify, taskToVerify, verifyFiles }, { EXIT }] = await Promise.all([
      context.session(),
      import('@croft/sdk'),
      import('@croft/contract'),
    ]);
    const { signal, printer } = context;
    const source =
      taskId === null
        ? await folderToVerify(session, wanted, signal)
        : await taskToVerify(session, taskId, signal);
    const found = await verifyFiles(session, source, folder, {
      existing,
      refetch: line.flag('refetch'),
      signal,
      onEvent: (event) => printer.progress(event),
    });
    const { verifiedText } = await import('../verified-text.ts');
    printer.result({ ...(taskId === null ? { path: wanted } : { taskId }), folder, ...found }, () =>
      verifiedText(found, folder),
    );
    return found.right + found.refetched < found.files ? EXIT.badInput : undefined;
  },
};
