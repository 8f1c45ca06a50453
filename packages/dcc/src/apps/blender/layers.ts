/**
 * Layers that are rendered as tasks of their own: with `enable_layered` "1" in `task_info`, each of `common.layers`, or each
 * view layer that the scene has switched on where there is no such list. An entry is what documents show of other apps'
 * layers: `name` of a view layer, and maybe `renderable` ("0": left out), `frames` and `camera` of its own.
 */
import { type FrameRun, formatFrames, parseFrames } from '@croft/contract';
import type { ChildPlan, SegmentPlan } from '../../app.ts';
import { dccErrors } from '../../errors.ts';
import { type BlenderSettings, writeSettings } from './settings.ts';
import type { Values } from './values.ts';

const MOST_LAYERS = 200;

/**
 * Whether the task is made of layers: it asks for them, and names some. One API package asks for them in all that it
 * writes, and other analyses of a scene name none.
 */
export function isLayered(info: Values, common: Values): boolean {
  return info.flag('enable_layered') && (common.has('layers') || common.has('view_layers'));
}

interface Layer {
  readonly name: string;
  readonly runs: readonly FrameRun[];
  readonly camera: string;
}

/** One child a layer; `segmentsOf` makes the segments of its frames. Throws DCC_LAYERS_INVALID where none is to render. */
export function layerPlans(
  common: Values,
  runs: readonly FrameRun[],
  settings: BlenderSettings,
  needs: readonly string[],
  segmentsOf: (runs: readonly FrameRun[]) => readonly SegmentPlan[],
): ChildPlan[] {
  const layers = wantedLayers(common, runs);
  if (layers.length === 0)
    throw dccErrors.DCC_LAYERS_INVALID('the task renders by layers, and none is to be rendered');
  if (layers.length > MOST_LAYERS)
    throw dccErrors.DCC_LAYERS_INVALID(`a task renders ${MOST_LAYERS} layers at most`);
  return layers.map(({ name, runs, camera }) => ({
    layerName: name,
    taskType: 'Render',
    after: null,
    framesRange: formatFrames(runs),
    segments: segmentsOf(runs),
    settings: writeSettings({ ...settings, viewLayers: [name], camera: camera || settings.camera }),
    needs,
    camera: camera || settings.camera,
  }));
}

function wantedLayers(common: Values, runs: readonly FrameRun[]): Layer[] {
  const listed = common.list('layers');
  if (listed.length === 0) return common.texts('view_layers').map((name) => ({ name, runs, camera: '' }));
  return listed
    .filter((layer) => layer.flag('renderable', true))
    .map((layer) => {
      const name = layer.text('name');
      if (name === '') throw dccErrors.DCC_LAYERS_INVALID('one of the layers has no name');
      const frames = layer.text('frames');
      return { name, runs: frames === '' ? runs : parseFrames(frames), camera: layer.text('camera') };
    });
}
