/**
 * task.json of a Blender scene. `scene_info.common` starts with the keys that the real analysis writes; ours follow. All
 * values are texts or lists of texts, switches are "0" and "1", as everywhere in that file.
 */
import { newTaskInfo } from '@croft/contract';
import type { AnalyseOptions, SceneFiles } from '../../app.ts';
import type { BlendFacts, SceneFacts } from './facts/blend-facts.ts';
import { unbakedOf } from './tips.ts';

export const BLENDER_CG_ID = 2007;

/** What analyse knows when it writes task.json. */
export interface TaskFacts {
  readonly style: SceneFiles['style'];
  readonly scenePath: string;
  readonly facts: BlendFacts;
  readonly scene: SceneFacts;
  /** `1-250[1]`. */
  readonly frames: string;
  readonly options: AnalyseOptions;
}

/** The file as it is to be written, keys in the documented order. */
export function taskFileOf({
  style,
  scenePath,
  facts,
  scene,
  frames,
  options,
}: TaskFacts): Record<string, unknown> {
  const common = commonOf(facts, scene, frames);
  return {
    task_info: {
      ...newTaskInfo(),
      input_cg_file: scenePath,
      project_name: options.projectName ?? '',
      cg_id: String(BLENDER_CG_ID),
      platform: String(options.platform ?? 2),
      os_name: style === 'windows' ? '1' : '0',
    },
    software_config: { cg_name: 'Blender', cg_version: facts.versionName, plugins: {} },
    scene_info: { common },
    scene_info_render: { common: { ...common } },
  };
}

const flag = (on: boolean) => (on ? '1' : '0');

function commonOf(facts: BlendFacts, scene: SceneFacts, frames: string): Record<string, unknown> {
  const handlers = facts.scripts.some((script) => script.registered && script.frameHandler);
  return {
    frames,
    width: String(scene.width),
    height: String(scene.height),
    Render_Format: scene.format,
    scene_name: facts.scenes.map(({ name }) => name),
    camera_name: scene.camera ?? scene.markerCameras[0]?.camera ?? 'None',
    Output_path: scene.outputPath,
    active_scene: scene.name,
    engine: scene.engine,
    frame_start: String(scene.first),
    percentage: String(scene.percent),
    fps: String(scene.fps),
    view_layers: scene.viewLayers.filter((layer) => layer.enabled).map((layer) => layer.name),
    marker_cameras: scene.markerCameras.map(({ frame, camera }) => `${frame}:${camera}`),
    file_extension: flag(scene.fileExtension),
    multiview: flag(scene.multiview),
    sequencer: flag(scene.sequencer),
    compositor: flag(scene.compositor),
    file_outputs: [...scene.fileOutputs],
    denoising: flag(scene.denoising),
    unbaked_simulation: flag(unbakedOf(facts).length > 0),
    frame_handlers: flag(handlers),
    python_drivers: String(facts.pythonDrivers),
    saved_compressed: facts.compression,
  };
}
