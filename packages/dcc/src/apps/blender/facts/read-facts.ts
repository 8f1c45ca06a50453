/** Scene file → facts. */
import type { SceneFile } from '../../../app.ts';
import { readBlendFile } from '../blend/blend-file.ts';
import { versionName } from '../blend/header.ts';
import type { BlendFacts } from './blend-facts.ts';
import { referencesOf } from './references.ts';
import { activeSceneOf, scenesOf } from './scenes.ts';
import { pythonDriversOf, scriptsOf } from './scripts.ts';
import { simulationsOf } from './simulations.ts';

/** Reads a .blend; `blendName` is its file name. The file stays open. Throws errors of the dcc catalogue. */
export async function readBlendFacts(file: SceneFile, blendName: string): Promise<BlendFacts> {
  const blend = await readBlendFile(file);
  const simulated = simulationsOf(blend, blendName);
  return {
    version: blend.header.version,
    versionName: versionName(blend.header.version),
    compression: blend.compression,
    scenes: scenesOf(blend),
    activeScene: activeSceneOf(blend),
    references: [...referencesOf(blend), ...simulated.references],
    simulations: simulated.simulations,
    scripts: scriptsOf(blend),
    pythonDrivers: pythonDriversOf(blend),
  };
}
