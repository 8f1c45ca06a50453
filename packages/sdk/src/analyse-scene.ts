/** A scene file on this machine → facts, without its application and without a farm. */
import path from 'node:path';
import { CroftError, EXIT } from '@croft/contract';
import { type AnalyseOptions, type Analysis, type App, diskSceneFiles, recognise } from '@croft/dcc';

export interface AnalyseSceneOptions extends AnalyseOptions {
  readonly signal?: AbortSignal;
}

export interface SceneAnalysis {
  readonly app: App;
  /** Absolute path of the scene. */
  readonly scenePath: string;
  readonly analysis: Analysis;
}

/**
 * Finds the scene's app by its bytes and analyses it. Throws the dcc room's errors for a file that is not there, is no
 * scene, or one that cannot be used.
 */
export async function analyseScene(
  scenePath: string,
  options: AnalyseSceneOptions = {},
): Promise<SceneAnalysis> {
  const absolute = path.resolve(scenePath);
  const files = diskSceneFiles();
  try {
    const app = await recognise(files, absolute);
    options.signal?.throwIfAborted();
    return { app, scenePath: absolute, analysis: await app.analyse(files, absolute, options) };
  } catch (thrown) {
    throw asBadInput(thrown);
  }
}

/** Here the scene is the command's own input: one that is not there is bad input, whatever it is elsewhere. */
function asBadInput(thrown: unknown): unknown {
  if (!(thrown instanceof CroftError) || thrown.exit !== EXIT.notFound) return thrown;
  return CroftError.from({ ...thrown.toJSON(), exit: EXIT.badInput }, thrown);
}
