import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';
import { LOCAL_DB_OPTION } from '../local-db-option.ts';

export const upload: CommandSpec = {
  usage: 'upload <file>',
  group: 'Render',
  summary: 'send the files that an upload.json names to the farm',
  details:
    'For scripts that analyse, check and submit by themselves. Only bytes that the farm lacks travel, and files that did not change since they were sent are not read; run it again after an interruption.',
  options: [LOCAL_DB_OPTION, ...FARM_OPTIONS],
  examples: [['croft analyse shot.blend --out cfg && croft upload cfg/upload.json', 'what shot.blend needs']],
  exits: [
    [3, 'the file is no upload.json, or a file that it names is gone'],
    [5, 'the farm cannot be reached'],
  ],
  async run(context, line) {
    const [{ readFile }, { readTaskFile }, { cliErrors }, { formatBytes, formatFiles }] = await Promise.all([
      import('node:fs/promises'),
      import('@croft/contract'),
      import('../errors.ts'),
      import('../format.ts'),
    ]);
    const file = line.arg(0);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw cliErrors.CLI_UPLOAD_FILE(`${file} cannot be read`, { cause });
    });
    const { scene = [], asset } = readTaskFile('upload.json', bytes);
    // Any JSON object is an upload.json without files, as task.json of the same folder: surely not what was meant.
    if (scene.length + asset.length === 0) throw cliErrors.CLI_UPLOAD_FILE(`${file} names no files`);
    const session = await context.session({ isRemembering: line.isOn('localDb') });
    const { movementMeter, outgoingFiles } = await import('@croft/sdk');
    // A transfer waits for a farm that is away; a wrong address or key is to be told at once.
    await session.native.tasks(1, 1);
    const meter = movementMeter(context.clock);
    const sent = await session.mover.upload(
      'input',
      outgoingFiles({ scene: scene.map(pairOf), asset: asset.map(pairOf) }),
      {
        signal: context.signal,
        onProgress: (progress) =>
          context.printer.progress({ phase: 'upload', state: 'moving', ...meter(progress) }),
      },
    );
    context.printer.result(
      { ...sent },
      () => `${formatFiles(sent.files)}, ${formatBytes(sent.bytes)}, on the farm`,
    );
    return undefined;
  },
};

function pairOf({ local, server }: { local: string; server: string }) {
  return { local, server };
}
