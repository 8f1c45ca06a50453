/**
 * What `plan` freezes for `launch`: the only thing that travels from task.json to the node. It goes through the store and
 * the wire as a plain record, so `readSettings` checks it again on the node.
 */
import { dccErrors } from '../../errors.ts';

export interface BlenderSettings {
  /** Scene datablock to render; empty: the one the file was saved with. */
  readonly scene: string;
  /** Engine as the file names it (`CYCLES`, `BLENDER_EEVEE_NEXT`); empty: unknown, keep what the scene has. */
  readonly engine: string;
  /** Width and height of the picture before `percent`; null: as the scene says. */
  readonly width: number | null;
  readonly height: number | null;
  /** Size in percent; null: as the scene says. */
  readonly percent: number | null;
  /** Output path as the scene spells it, for the names of the pictures: `//render/shot_####`. */
  readonly outputPath: string;
  /** Format the scene asks for, in Blender's words: `PNG`, `OPEN_EXR_MULTILAYER`, `FFMPEG`; empty: unknown. */
  readonly format: string;
  /** Format to render instead, because the scene asks for a movie; null: the scene's own. */
  readonly formatOverride: string | null;
  /** Whether Blender appends the extension to file names. */
  readonly fileExtension: boolean;
  /** Several views (stereo) in one frame. */
  readonly multiview: boolean;
  /** `off-without-denoiser`: where the build has none, denoising is switched off instead of failing the frame. */
  readonly denoise: 'keep' | 'off-without-denoiser';
  /** View layers to render; empty: those the scene has switched on. */
  readonly viewLayers: readonly string[];
  /** Camera object to render with; empty: the scene's own, with its marker-bound changes. */
  readonly camera: string;
  /** `session`: one frame at a time in an open Blender. `batch`: one process steps through the range. */
  readonly mode: 'session' | 'batch';
  /** First frame that must be stepped through before the frames asked for (unbaked simulation); null: none. */
  readonly stepFrom: number | null;
  /** Whether the scene's compositor has File Output nodes, which must be redirected. */
  readonly fileOutputs: boolean;
}

type Kind = 'string' | 'boolean' | 'number';

/** Checks a record from the store or the wire. Throws DCC_SETTINGS_DAMAGED: it was not made by this version's `plan`. */
export function readSettings(record: Readonly<Record<string, unknown>>): BlenderSettings {
  const damaged = (key: string) =>
    dccErrors.DCC_SETTINGS_DAMAGED(`the frozen settings of the task have no usable "${key}"`);
  const take = (key: keyof BlenderSettings, kind: Kind): unknown => {
    if (typeof record[key] !== kind) throw damaged(key);
    return record[key];
  };
  const takeOrNull = (key: keyof BlenderSettings, kind: Kind): unknown =>
    record[key] === null ? null : take(key, kind);
  const oneOf = <const Word extends string>(key: keyof BlenderSettings, words: readonly Word[]): Word => {
    const word = words.find((candidate) => candidate === record[key]);
    if (word === undefined) throw damaged(key);
    return word;
  };
  const layers = record.viewLayers;
  if (!Array.isArray(layers) || layers.some((name) => typeof name !== 'string')) throw damaged('viewLayers');
  return {
    scene: take('scene', 'string') as string,
    engine: take('engine', 'string') as string,
    width: takeOrNull('width', 'number') as number | null,
    height: takeOrNull('height', 'number') as number | null,
    percent: takeOrNull('percent', 'number') as number | null,
    outputPath: take('outputPath', 'string') as string,
    format: take('format', 'string') as string,
    formatOverride: takeOrNull('formatOverride', 'string') as string | null,
    fileExtension: take('fileExtension', 'boolean') as boolean,
    multiview: take('multiview', 'boolean') as boolean,
    denoise: oneOf('denoise', ['keep', 'off-without-denoiser']),
    viewLayers: layers as string[],
    camera: take('camera', 'string') as string,
    mode: oneOf('mode', ['session', 'batch']),
    stepFrom: takeOrNull('stepFrom', 'number') as number | null,
    fileOutputs: take('fileOutputs', 'boolean') as boolean,
  };
}

/** The settings as the plain record that a `TaskPlan` carries. */
export function writeSettings(settings: BlenderSettings): Record<string, unknown> {
  return { ...settings };
}
