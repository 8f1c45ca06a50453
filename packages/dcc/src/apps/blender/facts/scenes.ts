/** Facts of the scenes in a file. Names of fields are those of the DNA, see `sdna.ts`. */
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';
import { formatName } from '../formats.ts';
import type { SceneFacts } from './blend-facts.ts';
import { groupedInteger } from './id-properties.ts';
import { nameOfDatablock } from './names.ts';

// RenderData.scemode
const USE_SEQUENCER = 1 << 0;
const FILE_EXTENSION = 1 << 4;
const USE_COMPOSITOR = 1 << 6;
const MULTIVIEW = 1 << 21;
const VIEW_LAYER_RENDER = 1 << 0;
const OLD_LAYER_DISABLED = 1 << 15;
const MUTED_STRIP = 1 << 5;
/** Since 3.0 Cycles denoises unless told otherwise. */
const DENOISES_BY_DEFAULT = 300;

/** All scenes of the file, in file order. */
export function scenesOf(file: BlendFile): SceneFacts[] {
  return file.datablocks('SC').map((scene) => sceneFacts(file, scene));
}

/** The scene the file was saved with. */
export function activeSceneOf(file: BlendFile): string {
  const current = file.datablocks('GLOB')[0]?.follow('curscene') ?? null;
  return nameOfDatablock(current ?? file.datablocks('SC')[0] ?? null);
}

function sceneFacts(file: BlendFile, scene: StructView): SceneFacts {
  const render = scene.struct('r');
  const number = (name: string) => render?.number(name) ?? 0;
  const camera = scene.follow('camera');
  const scemode = number('scemode');
  const engine = render?.text('engine') || 'BLENDER_RENDER';
  const perSecondBase = number('frs_sec_base') || 1;
  const imtype = render?.struct('im_format')?.number('imtype') ?? number('imtype');
  return {
    name: nameOfDatablock(scene),
    first: number('sfra'),
    last: number('efra'),
    step: Math.max(1, number('frame_step')),
    width: number('xsch'),
    height: number('ysch'),
    percent: number('size') || 100,
    fps: Math.round((number('frs_sec') / perSecondBase) * 1000) / 1000,
    engine,
    camera: camera ? nameOfDatablock(camera) : null,
    markerCameras: markerCamerasOf(scene),
    viewLayers: viewLayersOf(scene, render),
    outputPath: render?.text('pic') ?? '',
    format: formatName(imtype & 0xff),
    fileExtension: (scemode & FILE_EXTENSION) !== 0,
    multiview: (scemode & MULTIVIEW) !== 0,
    sequencer: (scemode & USE_SEQUENCER) !== 0 && hasStrips(file, scene),
    compositor: (scemode & USE_COMPOSITOR) !== 0 && usesNodes(scene),
    denoising: engine === 'CYCLES' && denoises(file, scene),
    fileOutputs: usesNodes(scene) ? fileOutputsOf(file, scene) : [],
  };
}

function markerCamerasOf(scene: StructView): SceneFacts['markerCameras'] {
  const bound: { frame: number; camera: string }[] = [];
  for (const marker of scene.list('markers')) {
    const camera = marker.follow('camera');
    if (camera) bound.push({ frame: marker.number('frame'), camera: nameOfDatablock(camera) });
  }
  return bound;
}

function viewLayersOf(scene: StructView, render: StructView | null): SceneFacts['viewLayers'] {
  if (scene.has('view_layers')) {
    return [...scene.list('view_layers')].map((layer) => ({
      name: layer.text('name'),
      enabled: (layer.number('flag') & VIEW_LAYER_RENDER) !== 0,
    }));
  }
  return [...(render?.list('layers') ?? [])].map((layer) => ({
    name: layer.text('name'),
    enabled: (layer.number('layflag') & OLD_LAYER_DISABLED) === 0,
  }));
}

function hasStrips(file: BlendFile, scene: StructView): boolean {
  return file.owned(scene, 'Sequence').some((strip) => (strip.number('flag') & MUTED_STRIP) === 0);
}

function usesNodes(scene: StructView): boolean {
  if (scene.has('compositing_node_group')) return scene.pointer('compositing_node_group') !== null;
  return scene.number('use_nodes') !== 0;
}

function denoises(file: BlendFile, scene: StructView): boolean {
  const chosen = groupedInteger(scene, 'cycles', 'use_denoising');
  return chosen === null ? file.header.version >= DENOISES_BY_DEFAULT : chosen !== 0;
}

function fileOutputsOf(file: BlendFile, scene: StructView): string[] {
  const group = scene.follow('compositing_node_group');
  const owner = group ?? scene;
  return [
    ...file.owned(owner, 'NodeImageMultiFile').map((node) => node.text('base_path')),
    ...file.owned(owner, 'NodeImageFile').map((node) => node.text('name')),
    ...file
      .owned(owner, 'NodeCompositorFileOutput')
      .map(
        (node) =>
          node.text('directory') ||
          node.text('base_path') ||
          node.followText('directory') ||
          node.followText('base_path'),
      ),
  ];
}
