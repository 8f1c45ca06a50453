/**
 * What `plan` freezes for a Blender task and `launch` gets back. It travels as plain JSON through the farm, so it is
 * read again here field by field: a node trusts no order blindly.
 */

export interface BlenderSettings {
  /** Scene inside the .blend to render; null = the one that was current when the file was saved. */
  readonly scene: string | null;
  /** `session` keeps Blender open between frames; `batch` renders the run in order in one process (simulations). */
  readonly mode: 'session' | 'batch';
  /** `file_format` of Blender to write instead of the scene's own, e.g. `PNG`; null = the scene's. */
  readonly imageFormat: string | null;
  /** `off` switches Cycles' denoiser off even where the node has one. */
  readonly denoise: 'keep' | 'off';
  /** `CYCLES`, `BLENDER_EEVEE`, …; what the scene says, for choosing the node. */
  readonly engine: string;
  /** Pixels of a frame, percentage applied; null where it could not be read. */
  readonly resolution: { readonly width: number; readonly height: number } | null;
}

/** Reads settings back from an order. A field that is absent or of another type gets the harmless value. */
export function parseSettings(raw: Readonly<Record<string, unknown>>): BlenderSettings {
  return {
    scene: textOrNull(raw.scene),
    mode: raw.mode === 'batch' ? 'batch' : 'session',
    imageFormat: textOrNull(raw.imageFormat),
    denoise: raw.denoise === 'off' ? 'off' : 'keep',
    engine: textOrNull(raw.engine) ?? 'CYCLES',
    resolution: resolutionOf(raw.resolution),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function resolutionOf(value: unknown): BlenderSettings['resolution'] {
  if (typeof value !== 'object' || value === null) return null;
  const { width, height } = value as Record<string, unknown>;
  if (typeof width !== 'number' || typeof height !== 'number') return null;
  return { width, height };
}
