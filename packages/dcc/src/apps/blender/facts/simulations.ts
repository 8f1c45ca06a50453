/**
 * Simulations: what must be stepped through frame by frame, and the caches on disk that save it. A point cache that is baked
 * lies in the file, or on disk below `//blendcache_<name of the file>/`.
 */
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';
import type { Reference, Simulation } from './blend-facts.ts';
import { nameOfDatablock } from './names.ts';
import { fieldReference } from './references.ts';

// PointCache.flag
const BAKED = 1 << 0;
const DISK_CACHE = 1 << 6;
const EXTERNAL = 1 << 9;
// FluidDomainSettings.cache_flag
const FLUID_DATA_BAKED = 1 << 1;
const RIGID_BODY_MUTED = 1 << 0;
const PARTICLES_HAIR = 2;
const PHYSICS_WITHOUT_CACHE = new Set([0, 2]);
const DYNAMIC_PAINT_IMAGES = 1;
const FLUIDSIM_DOMAIN = 2;

export interface Simulations {
  readonly simulations: Simulation[];
  readonly references: Reference[];
}

/** `blendName`: name of the .blend, for the folder of its disk caches. */
export function simulationsOf(file: BlendFile, blendName: string): Simulations {
  const found: Simulations = { simulations: [], references: [] };
  const cacheFolder = `//blendcache_${blendName.replace(/\.blend\d*$/i, '')}`;
  const addCache = (kind: string, owner: string, cache: StructView | null) => {
    const flags = cache?.number('flag') ?? 0;
    found.simulations.push({ owner, kind, baked: (flags & (BAKED | EXTERNAL)) !== 0 });
    if (cache && flags & EXTERNAL) {
      found.references.push(...fieldReference(cache, 'path', { kind: 'cache', owner, shape: 'folder' }));
    } else if (flags & DISK_CACHE && flags & BAKED) {
      found.references.push({
        raw: cacheFolder,
        kind: 'cache',
        owner,
        shape: 'folder',
        used: true,
        place: null,
      });
    }
  };
  for (const object of file.datablocks('OB')) simulationsOfObject(file, object, addCache, found);
  for (const scene of file.datablocks('SC')) {
    const world = scene.follow('rigidbody_world');
    if (!world?.pointer('group') || world.number('flag') & RIGID_BODY_MUTED) continue;
    addCache('rigid body', `Scene "${nameOfDatablock(scene)}"`, pointCacheOf(world));
  }
  return found;
}

function simulationsOfObject(
  file: BlendFile,
  object: StructView,
  addCache: (kind: string, owner: string, cache: StructView | null) => void,
  found: Simulations,
): void {
  const owner = `Object "${nameOfDatablock(object)}"`;
  const systems = file.owned(object, 'ParticleSystem');
  const ofHair = new Set(systems.map((system) => system.follow('clmd')?.block));
  for (const cloth of file.owned(object, 'ClothModifierData')) {
    if (!ofHair.has(cloth.block)) addCache('cloth', owner, cloth.follow('point_cache'));
  }
  const soft = object.follow('soft');
  if (soft) addCache('soft body', owner, pointCacheOf(soft));
  for (const system of systems) {
    const settings = system.follow('part');
    const hair = settings?.number('type') === PARTICLES_HAIR;
    // Hair is only simulated with dynamics, which give the system a cloth modifier of its own.
    if (hair ? system.pointer('clmd') === null : PHYSICS_WITHOUT_CACHE.has(settings?.number('phystype') ?? 1))
      continue;
    addCache(hair ? 'hair' : 'particles', owner, system.follow('pointcache'));
  }
  for (const surface of file.owned(object, 'DynamicPaintSurface')) {
    if (surface.number('format') !== DYNAMIC_PAINT_IMAGES)
      addCache('dynamic paint', owner, surface.follow('pointcache'));
  }
  for (const domain of file.owned(object, 'FluidDomainSettings')) {
    const baked = (domain.number('cache_flag') & FLUID_DATA_BAKED) !== 0;
    found.simulations.push({ owner, kind: 'fluid', baked });
    const facts = { kind: 'cache', owner, shape: 'folder' as const, used: baked };
    found.references.push(...fieldReference(domain, 'cache_directory', facts));
  }
  for (const domain of file.owned(object, 'SmokeDomainSettings')) {
    addCache('smoke', owner, domain.follow('point_cache'));
  }
  for (const fluid of file.owned(object, 'FluidsimSettings')) {
    // Until 2.81 a fluid was always baked to disk before it rendered.
    if (fluid.number('type') !== FLUIDSIM_DOMAIN) continue;
    const facts = { kind: 'cache', owner, shape: 'prefix' as const };
    found.references.push(...fieldReference(fluid, 'surfdataPath', facts));
  }
}

function pointCacheOf(holder: StructView): StructView | null {
  return holder.follow('shared')?.follow('pointcache') ?? holder.follow('pointcache');
}
