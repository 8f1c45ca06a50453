/**
 * Which blocks the analysis looks at. Everything else is stepped over, so a struct that `facts/` reads must be named here.
 * Large arrays are refused even for a wanted struct: no fact needs them.
 */
import { KiB, MiB } from '@croft/contract';
import type { BlockHead } from './blocks.ts';

const DATABLOCKS = new Set([
  'GLOB',
  'SC',
  'OB',
  'IM',
  'LI',
  'SO',
  'VF',
  'MC',
  'CF',
  'VO',
  'TX',
  'NT',
  'MA',
  'TE',
  'WO',
  'LA',
  'ME',
  'PA',
  'LS',
  'ID',
]);

/** Structs owned by datablocks (DATA blocks). */
const STRUCTS = new Set([
  // scenes
  'SceneRenderLayer',
  'ViewLayer',
  'TimeMarker',
  'Editing',
  'Sequence',
  'Strip',
  'StripElem',
  'StripData',
  'RigidBodyWorld',
  'RigidBodyWorld_Shared',
  // nodes
  'bNodeTree',
  'bNode',
  'NodeImageMultiFile',
  'NodeImageMultiFileSocket',
  'NodeImageFile',
  'NodeCompositorFileOutput',
  'NodeCompositorFileOutputItem',
  'NodeShaderTexIES',
  'NodeShaderScript',
  'bNodeSocketValueString',
  // images
  'ImagePackedFile',
  'ImageTile',
  // objects and their modifiers
  'ClothModifierData',
  'ParticleSystem',
  'SoftBody',
  'SoftBody_Shared',
  'PointCache',
  'MeshCacheModifierData',
  'MeshSeqCacheModifierData',
  'OceanModifierData',
  'FluidModifierData',
  'FluidDomainSettings',
  'SmokeModifierData',
  'SmokeDomainSettings',
  'FluidsimModifierData',
  'FluidsimSettings',
  'DynamicPaintModifierData',
  'DynamicPaintCanvasSettings',
  'DynamicPaintSurface',
  'NodesModifierData',
  'NodesModifierBake',
  'NodesModifierPackedBake',
  // caches, volumes, meshes, drivers, texts
  'CacheFileLayer',
  'CustomDataExternal',
  'ChannelDriver',
  'TextLine',
  'VoxelData',
]);

/** Owners whose untyped blocks hold texts that matter: script lines, paths of file output items. */
const OWNERS_OF_RAW = new Set(['TX', 'NT', 'SC', 'OB']);
const LARGEST_RAW = 16 * KiB;
const LARGEST_BLOCK = 64 * MiB;

/** Whether a block with this struct name, owned by a datablock of `ownerCode`, is looked at. */
export function isWanted(head: BlockHead, struct: string, ownerCode: string): boolean {
  if (head.length > LARGEST_BLOCK) return false;
  if (head.code !== 'DATA') return DATABLOCKS.has(head.code);
  if (STRUCTS.has(struct)) return true;
  if (struct === 'IDProperty') return ownerCode === 'SC';
  const untyped = head.struct <= 0 || struct === 'Link' || struct === 'raw_data';
  return untyped && head.length <= LARGEST_RAW && OWNERS_OF_RAW.has(ownerCode);
}
