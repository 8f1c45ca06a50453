/** Scene file → the four files of a task. Reads through `SceneFiles` only. */
import { formatFrames, parseFrames } from '@croft/contract';
import type { AnalyseOptions, Analysis, Asset, SceneFile, SceneFiles } from '../../app.ts';
import { dccErrors } from '../../errors.ts';
import { nameOf, tidy, treePathOf } from '../../references/scene-path.ts';
import { md5Of } from '../../scene-files/md5.ts';
import { type Collected, collectFiles } from './collect.ts';
import type { BlendFacts, SceneFacts } from './facts/blend-facts.ts';
import { readBlendFacts } from './facts/read-facts.ts';
import { taskFileOf } from './task-file.ts';
import { tipsOf } from './tips.ts';

/** Analyses the scene at an absolute path. Throws DCC_NO_SUCH_FILE and the errors of a file that is no usable scene. */
export async function analyse(
  files: SceneFiles,
  rawPath: string,
  options: AnalyseOptions,
): Promise<Analysis> {
  const scenePath = tidy(rawPath);
  const stat = await files.stat(scenePath);
  if (stat?.kind !== 'file') throw dccErrors.DCC_NO_SUCH_FILE(`there is no file ${rawPath}`);
  const server = treePathOf(scenePath);
  if (server === null) throw dccErrors.DCC_NO_SUCH_FILE(`the path ${rawPath} cannot be uploaded as it is`);
  const file = await files.open(scenePath);
  try {
    const facts = await readBlendFacts(file, nameOf(scenePath));
    const scene = activeSceneFacts(facts);
    const frames = framesOf(scene, options);
    const collected = await collectFiles(files, scenePath, facts, options.searchFolders ?? []);
    const sceneAsset: Asset = {
      local: scenePath,
      server,
      size: stat.size,
      mtimeMs: stat.mtimeMs,
      kind: 'scene',
    };
    const assets = [...collected.assets, sceneAsset];
    const runs = parseFrames(frames);
    return {
      task: taskFileOf({ style: files.style, scenePath, facts, scene, frames, options }),
      asset: assetFileOf(sceneAsset, assets, collected),
      upload: await uploadFileOf(file, sceneAsset, assets),
      ...tipsOf(facts, scene, runs.length === 1 ? runs[0]!.step : scene.step, collected),
      assets,
      missing: collected.missing,
    };
  } finally {
    await file.close();
  }
}

function activeSceneFacts(facts: BlendFacts): SceneFacts {
  const scene = facts.scenes.find(({ name }) => name === facts.activeScene) ?? facts.scenes[0];
  if (scene === undefined) {
    throw dccErrors.DCC_NOT_A_SCENE('the file is a Blender file without any scene', {
      hint: 'It may be a library, or Blender settings: give the scene that uses it.',
    });
  }
  return scene;
}

/** The frames to render in the API's long form. A scene that ends before it starts cannot be rendered as it is. */
function framesOf(scene: SceneFacts, options: AnalyseOptions): string {
  if (options.frames !== undefined) return longForm(options.frames);
  return longForm(`${scene.first}-${scene.last}[${scene.step}]`);
}

function longForm(expression: string): string {
  const runs = parseFrames(expression);
  return runs.length === 1 && runs[0]!.first === runs[0]!.last && !expression.includes('-')
    ? expression
    : formatFrames(runs);
}

function assetFileOf(scene: Asset, assets: readonly Asset[], collected: Collected): Record<string, unknown> {
  return {
    asset: assets.map((asset) => `${asset.local}  (mtime ${timeText(asset.mtimeMs)}) size ${asset.size}`),
    asset_num: assets.length,
    asset_size: assets.reduce((sum, asset) => sum + asset.size, 0),
    scene_file: scene.local,
    scene_file_size: scene.size,
    missing_file: collected.missing.map((missing) => missing.raw),
  };
}

const timeText = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

async function uploadFileOf(
  file: SceneFile,
  scene: Asset,
  assets: readonly Asset[],
): Promise<Analysis['upload']> {
  const pair = ({ local, server }: Asset) => ({ local, server });
  return { scene: [{ ...pair(scene), hash: await md5Of(file) }], asset: assets.map(pair) };
}
