import type { CommandSpec } from '../command-spec.ts';
import { EXISTING_OPTION, existingOf } from '../existing-option.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const download: CommandSpec = {
  usage: 'download <id>',
  group: 'Render',
  summary: 'fetch the frames of a task, and go on until it ends',
  details:
    'What is there already, byte for byte, is not fetched again, and half a file goes on where it stopped. Only frames that are published come.',
  options: [
    ['--output <dir>', 'folder for the frames (default: ./task-<id>)'],
    ['--watch', 'go on until the task ends (the default)'],
    ['--now', 'fetch what is finished and return'],
    EXISTING_OPTION,
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft download 1024', 'all frames of task 1024, as they finish'],
    ['croft download 1024 --now --output /data/shot', 'what is finished now'],
  ],
  exits: [
    [4, 'frames failed or were stopped; the others are fetched'],
    [8, 'there is no such task'],
  ],
  async run(context, line) {
    const path = await import('node:path');
    const existing = await existingOf(line);
    const taskId = line.taskId(0);
    const folder = path.resolve(line.text('output') ?? `task-${taskId}`);
    const session = await context.session();
    const { downloadResults, fetchTask } = await import('@croft/sdk');
    await session.native.task(taskId);
    if (line.flag('now')) {
      const { formatBytes, formatFiles } = await import('../format.ts');
      const totals = await downloadResults(session.native, session.mover, taskId, folder, {
        existing,
        signal: context.signal,
        onEvent: (event) => context.printer.progress(event),
      });
      const text = () => `${formatFiles(totals.files)}, ${formatBytes(totals.bytes)} in ${folder}`;
      context.printer.result({ taskId, folder, ...totals }, text);
      return undefined;
    }
    const { followed } = await import('../followed.ts');
    return followed(context, (onEvent) =>
      fetchTask(session, taskId, { outputFolder: folder, existing, signal: context.signal, onEvent }),
    );
  },
};
