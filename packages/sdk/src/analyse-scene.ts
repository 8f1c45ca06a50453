/** A scene file on this machine → facts, without its application and without a farm. */
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { KiB } from '@croft/contract';
import { type AnalyseOptions, type Analysis, type App, appFor, diskSceneFiles } from '@croft/dcc';
import { sdkErrors } from './errors.ts';
import { diskError } from './task-files.ts';

export interface AnalyseSceneOptions extends AnalyseOptions {
  readonly signal?: AbortSignal;
}

export interface SceneAnalysis {
  readonly app: App;
  /** Absolute path of the scene. */
  readonly scenePath: string;
  readonly analysis: Analysis;
}

const HEAD_BYTES = 4 * KiB;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/**
 * Finds the scene's app by its bytes and analyses it. Throws DCC_NO_SUCH_FILE, SDK_SCENE_IS_LFS_POINTER,
 * SDK_SCENE_UNKNOWN, and what the app's analyser throws on a scene it cannot use.
 */
export async function analyseScene(
  scenePath: string,
  options: AnalyseSceneOptions = {},
): Promise<SceneAnalysis> {
  const absolute = path.resolve(scenePath);
  const head = await headOf(absolute, scenePath);
  if (new TextDecoder('latin1').decode(head).startsWith(LFS_POINTER)) {
    throw sdkErrors.SDK_SCENE_IS_LFS_POINTER(`${scenePath} is a Git LFS pointer, not the scene itself`);
  }
  const app = await appFor(head, path.extname(absolute).slice(1).toLowerCase());
  if (!app) {
    throw sdkErrors.SDK_SCENE_UNKNOWN(`${scenePath} is no scene of an application that Croft knows`, {
      hint: 'The content decides, not the name; save it again from its application.',
    });
  }
  options.signal?.throwIfAborted();
  return { app, scenePath: absolute, analysis: await app.analyse(diskSceneFiles(), absolute, options) };
}

async function headOf(absolute: string, asGiven: string): Promise<Uint8Array> {
  try {
    const found = await stat(absolute);
    if (found.isDirectory()) throw sdkErrors.SDK_SCENE_UNKNOWN(`${asGiven} is a folder, not a scene file`);
    await using handle = await open(absolute, 'r');
    const buffer = new Uint8Array(HEAD_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw sdkErrors.DCC_NO_SUCH_FILE(`there is no file ${asGiven}`);
    }
    if (code === 'SDK_SCENE_UNKNOWN') throw thrown;
    throw diskError(thrown, `${asGiven} cannot be read`);
  }
}
