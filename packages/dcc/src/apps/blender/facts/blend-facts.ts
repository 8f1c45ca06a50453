/** What the analysis knows of one .blend, before any file is looked for. */
import type { Shape } from '../../../references/patterns.ts';

export interface BlendFacts {
  /** As in the header: 279, 304, 501. */
  readonly version: number;
  /** `major.minor`: 2.79, 3.4, 5.1. */
  readonly versionName: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly scenes: readonly SceneFacts[];
  /** Name of the scene the file was saved with; the first where it does not say. */
  readonly activeScene: string;
  readonly references: readonly Reference[];
  readonly simulations: readonly Simulation[];
  readonly scripts: readonly ScriptFacts[];
  readonly pythonDrivers: number;
}

export interface SceneFacts {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly width: number;
  readonly height: number;
  readonly percent: number;
  readonly fps: number;
  /** Raw: `CYCLES`, `BLENDER_RENDER`; 2.4x files, which have none, are `BLENDER_RENDER`. */
  readonly engine: string;
  /** Active camera object, null where there is none. */
  readonly camera: string | null;
  /** Cameras that markers switch to, by frame. */
  readonly markerCameras: readonly { readonly frame: number; readonly camera: string }[];
  readonly viewLayers: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly outputPath: string;
  /** Blender's word: `PNG`, `FFMPEG`. */
  readonly format: string;
  readonly fileExtension: boolean;
  readonly multiview: boolean;
  /** Whether the sequencer makes the picture: it is switched on and has strips. */
  readonly sequencer: boolean;
  readonly compositor: boolean;
  readonly denoising: boolean;
  /** Base paths of the compositor's File Output nodes. */
  readonly fileOutputs: readonly string[];
}

/** A file, or a set of files, that a datablock names. */
export interface Reference {
  /** As the scene spells it. */
  readonly raw: string;
  readonly kind: string;
  /** `Image "wood"`. */
  readonly owner: string;
  readonly shape: Shape;
  /** Whether something renders with it. Only these count when they are missing. */
  readonly used: boolean;
  /** Where the uncompressed file holds it, for `localise`; null where no field of fixed size does. */
  readonly place: Place | null;
}

/** A field of fixed size that holds a path, or only its folder. */
export interface Place {
  readonly holds: 'path' | 'folder';
  readonly offset: number;
  readonly length: number;
}

/** A simulation whose frames depend on those before. */
export interface Simulation {
  readonly owner: string;
  readonly kind: string;
  /** Baked to disk or into the file: each frame can be rendered alone. */
  readonly baked: boolean;
}

export interface ScriptFacts {
  readonly name: string;
  /** Runs when the file is opened with scripts allowed. */
  readonly registered: boolean;
  /** Its text hooks into frame changes. */
  readonly frameHandler: boolean;
}
