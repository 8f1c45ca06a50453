import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';
import { LOCAL_DB_OPTION } from '../local-db-option.ts';

export const render: CommandSpec = {
  usage: 'render <scene>',
  group: 'Render',
  summary: 'render a scene on the farm and fetch the frames',
  details:
    'Analyses the scene, checks it against the farm, uploads what the farm lacks, submits it, and fetches each frame as it finishes. Ctrl-C leaves the task on the farm; "croft download" goes on.',
  options: [
    ['--frames <expr>', "frames instead of the scene's own: 1-10, 1-10[2], 1,5,7"],
    ['--output <dir>', 'folder for the frames (default: ./<scene>-frames)'],
    ['--project <name>', 'project to file the task under'],
    ['--search <dir>', 'folder in which files of another machine are looked for; repeatable', 'many'],
    ['--layers', 'each view layer as a task of its own, in a folder of its own'],
    ['--platform <id>', 'platform whose nodes render it; see "croft platforms" (default: 2)'],
    ['--hardware <id>', 'hardware that a node must be; see "croft catalogue" (default: any)'],
    ['--env <name>', "render environment that decides the version, instead of the scene's own"],
    ['--label <name>', 'label of the task; repeatable', 'many'],
    ['--no-download', 'leave the frames on the farm'],
    ['--detach', 'return as soon as the task is submitted'],
    LOCAL_DB_OPTION,
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft render shot.blend', 'all frames of the scene, into ./shot-frames'],
    ['croft render shot.blend --frames 1-10 --output /data/shot', 'ten frames, into /data/shot'],
    ['croft render shot.blend --detach --json', 'submit only; the task id as JSON'],
  ],
  exits: [
    [3, 'the scene cannot be used, or the farm cannot render it'],
    [4, 'frames failed or were stopped; the others are fetched'],
    [5, 'the farm cannot be reached'],
    [6, 'the farm does not accept the key'],
    [130, 'interrupted; the task goes on'],
  ],
  async run(context, line) {
    const path = await import('node:path');
    const scene = line.arg(0);
    const output = line.text('output') ?? `${path.parse(scene).name}-frames`;
    const frames = line.text('frames');
    if (frames !== undefined) (await import('@croft/contract')).parseFrames(frames);
    const platform = line.integer('platform', 1, 999_999);
    const hardware = line.integer('hardware', 1, Number.MAX_SAFE_INTEGER);
    const environment = line.text('env');
    const { foldersOf, madeFolder } = await import('../folders.ts');
    const searchFolders = await foldersOf(line.texts('search'));
    // Before there is a task whose frames could not be fetched.
    const outputFolder =
      line.isOn('download') && !line.flag('detach') ? await madeFolder(path.resolve(output)) : null;
    const session = await context.session({
      isRemembering: line.isOn('localDb'),
      ...(platform === undefined ? {} : { platform }),
    });
    const { renderScene } = await import('@croft/sdk');
    const { followed } = await import('../followed.ts');
    const projectName = line.text('project');
    return followed(context, (onEvent) =>
      renderScene(session, scene, {
        ...(frames === undefined ? {} : { frames }),
        ...(projectName === undefined ? {} : { projectName }),
        ...(platform === undefined ? {} : { platform }),
        ...(hardware === undefined ? {} : { hardware }),
        ...(environment === undefined ? {} : { environment }),
        layers: line.flag('layers'),
        labels: line.texts('label'),
        searchFolders,
        outputFolder,
        detach: line.flag('detach'),
        signal: context.signal,
        onEvent,
      }),
    );
  },
};
