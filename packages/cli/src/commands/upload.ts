import type { FilesToSend } from '@croft/sdk';
import type { CommandLine, CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';
import { LOCAL_DB_OPTION } from '../local-db-option.ts';

/** Things in folders that cannot be sent, told by name on a terminal. */
const MOST_TOLD = 10;

const TO_OPTION = [
  '--to <path>',
  'folder on the farm for what is given, which is then sent as it is',
] as const;

export const upload: CommandSpec = {
  usage: 'upload <paths...>',
  group: 'Render',
  summary: 'send files, folders, or all that an upload.json names to the farm',
  details:
    'Files and folders lie on the farm by their own paths, where scenes expect them, or below --to by their names. Only bytes that the farm lacks travel, and files that did not change since they were sent are not read; run it again after an interruption.',
  options: [TO_OPTION, LOCAL_DB_OPTION, ...FARM_OPTIONS],
  examples: [
    ['croft analyse shot.blend --out cfg && croft upload cfg/upload.json', 'what shot.blend needs'],
    ['croft upload ~/textures', 'a folder, before the scenes that use it'],
    ['croft upload props.abc --to /shared', 'a file for everybody, as /shared/props.abc'],
  ],
  exits: [
    [
      3,
      'a path that is named is gone, or a .json file is no upload.json: nothing is sent; or a folder holds what cannot be sent (links to nothing, pipes): all else is sent',
    ],
    [5, 'the farm cannot be reached'],
  ],
  async run(context, line) {
    const [{ formatBytes, formatFiles }, { EXIT }] = await Promise.all([
      import('../format.ts'),
      import('@croft/contract'),
    ]);
    const { files, unsendable } = await filesOf(line);
    for (const { path, why } of unsendable.slice(0, MOST_TOLD))
      context.printer.warn(`${path} is not sent: ${why}`);
    const untold = unsendable.length - MOST_TOLD;
    if (untold > 0) context.printer.warn(`nor are ${untold} more`);
    const session = await context.session({ isRemembering: line.isOn('localDb') });
    const { movementMeter } = await import('@croft/sdk');
    // A transfer waits for a farm that is away; a wrong address or key is to be told at once.
    await session.native.tasks(1, 1);
    const meter = movementMeter(context.clock);
    const sent = await session.mover.upload('input', files, {
      signal: context.signal,
      onProgress: (progress) =>
        context.printer.progress({ phase: 'upload', state: 'moving', ...meter(progress) }),
    });
    context.printer.result({ ...sent, unsendable }, () => {
      const others = unsendable.length === 0 ? '' : `; ${unsendable.length} could not be sent`;
      return `${formatFiles(sent.files)}, ${formatBytes(sent.bytes)}, on the farm${others}`;
    });
    return unsendable.length === 0 ? undefined : EXIT.badInput;
  },
};

/** A lone .json file is an upload.json, unless --to says that it is to be sent itself. */
async function filesOf(line: CommandLine): Promise<FilesToSend> {
  const [first = ''] = line.args;
  const to = line.text('to');
  if (line.args.length === 1 && to === undefined && /\.json$/i.test(first)) return filesOfUploadJson(first);
  const [{ filesToSend }, { cliErrors }] = await Promise.all([import('@croft/sdk'), import('../errors.ts')]);
  const found = await filesToSend(line.args, to);
  if (found.files.length > 0) return found;
  const [odd] = found.unsendable;
  throw cliErrors.CLI_UPLOAD_FILE(
    odd ? `nothing in ${first} can be sent; ${odd.path}: ${odd.why}` : `there are no files in ${first}`,
  );
}

async function filesOfUploadJson(file: string): Promise<FilesToSend> {
  const [{ readFile }, { readTaskFile }, { outgoingFiles }, { cliErrors }] = await Promise.all([
    import('node:fs/promises'),
    import('@croft/contract'),
    import('@croft/sdk'),
    import('../errors.ts'),
  ]);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw cliErrors.CLI_UPLOAD_FILE(`${file} cannot be read`, { cause });
  });
  const { scene = [], asset } = readTaskFile('upload.json', bytes);
  // Any JSON object is an upload.json without files, as task.json of the same folder: surely not what was meant.
  if (scene.length + asset.length === 0) throw cliErrors.CLI_UPLOAD_FILE(`${file} names no files`);
  const files = outgoingFiles({ scene: scene.map(pairOf), asset: asset.map(pairOf) });
  return { files, unsendable: [] };
}

function pairOf({ local, server }: { local: string; server: string }) {
  return { local, server };
}
