import type { CommandSpec } from '../command-spec.ts';

export const analyse: CommandSpec = {
  usage: 'analyse <scene>',
  group: 'Render',
  summary: 'find out what a scene needs, without its application and without a farm',
  details:
    'With --out it writes task.json, asset.json, upload.json and tips.json, as the Renderbus SDK takes them.',
  options: [
    ['--out <dir>', 'folder for the four files'],
    ['--frames <expr>', "frames instead of the scene's own: 1-10, 1-10[2], 5"],
    ['--project <name>', 'project name for task.json'],
    ['--search <dir>', 'folder in which files of another machine are looked for; repeatable', 'many'],
  ],
  examples: [
    ['croft analyse shot.blend', 'facts, missing files and warnings'],
    ['croft analyse shot.blend --out ./cfg', 'write the four files for another tool'],
  ],
  exits: [[3, 'there is no such file, or it is no scene, damaged, or cannot be rendered']],
  async run(context, line) {
    const { analyseScene, writeTaskFiles } = await import('@croft/sdk');
    const { formatBytes, safeText } = await import('../format.ts');
    const frames = line.text('frames');
    const projectName = line.text('project');
    const found = await analyseScene(line.arg(0), {
      ...(frames === undefined ? {} : { frames }),
      ...(projectName === undefined ? {} : { projectName }),
      searchFolders: await (await import('../folders.ts')).foldersOf(line.texts('search')),
    });
    const out = line.text('out');
    const written = out === undefined ? null : await writeTaskFiles(out, found.analysis);
    const { task, tips, assets, missing, notes } = found.analysis;
    const bytes = assets.reduce((sum, asset) => sum + asset.size, 0);
    const value = {
      app: found.app.id,
      scene: found.scenePath,
      task,
      tips,
      assets,
      missing,
      notes,
      bytes,
      files: written?.map(({ file }) => file) ?? [],
    };
    context.printer.result(value, () => {
      const lines = [
        `${found.app.name} scene ${safeText(found.scenePath)}`,
        ...factLines(task),
        `files      ${assets.length}, ${formatBytes(bytes)}`,
      ];
      for (const one of missing)
        lines.push(`missing    ${one.kind} ${safeText(one.raw)} (${safeText(one.owner)})`);
      for (const note of notes) lines.push(`note       ${safeText(note)}`);
      for (const { file } of written ?? []) lines.push(`written    ${file}`);
      return lines.join('\n');
    });
    return undefined;
  },
};

/** The flat facts of scene_info.common, as far as there are any. */
function factLines(task: Readonly<Record<string, unknown>>): string[] {
  const sceneInfo = task.scene_info as Record<string, Record<string, unknown>> | undefined;
  const common = sceneInfo?.common ?? {};
  const software = task.software_config as Record<string, unknown> | undefined;
  const facts: [string, unknown][] = [
    ['saved by', [software?.cg_name, software?.cg_version].filter(Boolean).join(' ')],
    ['frames', common.frames],
    ['size', common.width !== undefined ? `${common.width} × ${common.height}` : undefined],
    ['camera', Array.isArray(common.camera_name) ? common.camera_name.join(', ') : common.camera_name],
    ['engine', common.render_engine ?? common.engine],
    ['output', common.Output_path],
  ];
  return facts
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name.padEnd(10)} ${String(value).replace(/[\u0000-\u001f\u007f]/g, ' ')}`);
}
