/**
 * task.json → segments. Pure. The user may have changed anything in the file, and other programs write it with the
 * documented keys only, so every key of ours may be absent.
 */
import { FRAME_TYPE, type FrameRun, formatFrames, parseFrames } from '@croft/contract';
import type { PlanInput, SegmentPlan, TaskPlan } from '../../app.ts';
import { dccErrors } from '../../errors.ts';
import { treePathOf } from '../../references/scene-path.ts';
import { isMovie, isPicture } from './formats.ts';
import { runsOf, testFramesOf, without } from './frame-sets.ts';
import { isLayered, layerPlans } from './layers.ts';
import { type BlenderSettings, writeSettings } from './settings.ts';
import { Values } from './values.ts';

const PICTURE_FORMAT_OF_MOVIES = 'PNG';
const MOST_FRAMES_PER_UNIT = 10_000;
const FIRST_WITH_EEVEE = 2.8;

/** Plans a task. Throws DCC_NO_CAMERA, FRAMES_INVALID, DCC_FRAMES_INVALID, DCC_LAYERS_INVALID, DCC_SETTING_INVALID or _UNSUPPORTED. */
export function plan({ taskFile }: PlanInput): TaskPlan {
  const file = new Values(taskFile);
  const info = file.inside('task_info');
  const common = commonOf(file);
  const appVersion = file.inside('software_config').text('cg_version');
  const scenePath = treePathOf(info.text('input_cg_file'));
  if (scenePath === null) throw dccErrors.DCC_SETTING_INVALID('task_info.input_cg_file names no scene file');
  if (info.integer('tiles', 1, 1, 1_000_000) !== 1) {
    throw dccErrors.DCC_SETTING_UNSUPPORTED('Blender pictures cannot be cut into tiles', {
      hint: 'Set task_info.tiles to "1".',
    });
  }
  refuseWithoutCamera(common);
  const settings = settingsOf(common);
  const runs = parseFrames(common.text('frames'));
  const needs = needsOf(settings.engine, appVersion);
  const segments = (wanted: readonly FrameRun[]) => segmentsOf(info, wanted, settings.mode === 'batch');
  const layered = isLayered(info, common);
  return {
    appVersion,
    scenePath,
    framesRange: formatFrames(runs),
    segments: layered ? [] : segments(runs),
    settings: writeSettings(settings),
    needs,
    ...(layered ? { children: layerPlans(common, runs, settings, needs, segments) } : {}),
  };
}

/** What the user wants of the scene; an empty `scene_info_render` means all that the analysis found. */
function commonOf(file: Values): Values {
  const wanted = file.inside('scene_info_render').inside('common');
  return wanted.isEmpty ? file.inside('scene_info').inside('common') : wanted;
}

function refuseWithoutCamera(common: Values): void {
  if (common.text('camera_name') !== 'None' || common.flag('sequencer')) return;
  throw dccErrors.DCC_NO_CAMERA('the scene has no active camera, so there is nothing to render');
}

function settingsOf(common: Values): BlenderSettings {
  const format = common.text('Render_Format');
  if (format !== '' && !isMovie(format) && !isPicture(format)) {
    throw dccErrors.DCC_SETTING_INVALID(`"${format.slice(0, 60)}" is no output format of Blender`);
  }
  const simulation = common.flag('unbaked_simulation');
  return {
    scene: common.text('active_scene'),
    engine: common.text('engine'),
    width: common.integerOrNull('width', 4, 65_536),
    height: common.integerOrNull('height', 4, 65_536),
    percent: common.integerOrNull('percentage', 1, 32_767),
    outputPath: common.text('Output_path'),
    format,
    formatOverride: isMovie(format) ? PICTURE_FORMAT_OF_MOVIES : null,
    fileExtension: common.flag('file_extension', true),
    multiview: common.flag('multiview'),
    denoise: 'off-without-denoiser',
    viewLayers: common.texts('view_layers'),
    camera: '',
    mode: simulation || common.flag('frame_handlers') ? 'batch' : 'session',
    stepFrom: simulation ? common.integerOrNull('frame_start', -1_048_574, 1_048_574) : null,
    fileOutputs: common.texts('file_outputs').length > 0,
  };
}

function segmentsOf(info: Values, runs: readonly FrameRun[], oneAttempt: boolean): SegmentPlan[] {
  const shared = {
    framesPerUnit: info.integer('frames_per_task', 1, 1, MOST_FRAMES_PER_UNIT),
    tiles: 1,
    oneAttempt,
  };
  const main = { ...shared, stage: 'main', frameType: FRAME_TYPE.main, pauseAfter: false };
  const testFrames = testFramesOf(info.text('pre_frames') || '000', runs);
  if (testFrames.length === 0) return [{ ...main, runs: [...runs] }];
  const rest = without(runs, testFrames);
  const priority: SegmentPlan = {
    ...shared,
    stage: 'priority',
    frameType: FRAME_TYPE.priority,
    runs: runsOf(testFrames),
    framesPerUnit: 1,
    pauseAfter: info.text('stop_after_test') === '1' && rest.length > 0,
  };
  return rest.length > 0 ? [priority, { ...main, runs: rest }] : [priority];
}

/** Abilities by engine. Workbench draws as Eevee does; Blender 2.8 and later opens old engines with Eevee. */
function needsOf(engine: string, appVersion: string): string[] {
  if (engine === '') return [];
  if (engine === 'CYCLES') return ['cycles'];
  if (engine.startsWith('BLENDER_EEVEE') || engine === 'BLENDER_WORKBENCH') return ['eevee'];
  if (engine === 'BLENDER_RENDER' || engine === 'BLENDER_GAME') {
    return Number.parseFloat(appVersion) >= FIRST_WITH_EEVEE ? ['eevee'] : [];
  }
  return [engine.toLowerCase()];
}
