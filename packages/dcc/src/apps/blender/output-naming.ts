/**
 * The names that Blender gives the pictures of a frame. The rules, checked against Blender itself in the tests:
 *
 * - Only the last part of the path counts; its last run of `#` becomes the frame number, filled with zeros to the run's
 *   length (a sign is extra). Without any `#` four digits are put at the end, behind what looks like an extension.
 * - With "file extensions" on, the format's extension is added; one of another picture format is replaced, one that fits
 *   stays as it is spelt, trailing dots go.
 * - With several views in files of their own, each view's suffix then goes before the last dot, or to the end.
 */

/** Extensions of Blender's picture formats, the one it writes first, then those it lets pass. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  BMP: ['.bmp'],
  IRIS: ['.rgb'],
  PNG: ['.png'],
  JPEG: ['.jpg', '.jpeg'],
  JPEG2000: ['.jp2'],
  TARGA: ['.tga'],
  TARGA_RAW: ['.tga'],
  CINEON: ['.cin'],
  DPX: ['.dpx'],
  OPEN_EXR_MULTILAYER: ['.exr'],
  OPEN_EXR: ['.exr'],
  HDR: ['.hdr'],
  TIFF: ['.tif', '.tiff'],
  WEBP: ['.webp'],
};

/** Extensions that Blender takes for a picture's and therefore replaces. */
const PICTURE_EXTENSION =
  /\.(png|tga|bmp|jpg|jpeg|sgi|rgb|rgba|tif|tiff|tx|jp2|j2c|hdr|dds|dpx|cin|exr|psd|pdd|psb|webp)$/i;

const SHORTEST_NUMBER = 4;

/** What decides the names of a scene's pictures. */
export interface OutputNaming {
  /** Output path as the scene spells it, `//render/shot_####`. */
  readonly path: string;
  /** Blender's word for a picture format, `PNG`; movie formats have no name for a frame. */
  readonly format: string;
  /** Whether Blender adds extensions (`use_file_extension`). */
  readonly fileExtension: boolean;
  /** File suffixes of the views that are written one by one, `_L` and `_R`; empty for a single file a frame. */
  readonly viewSuffixes: readonly string[];
}

/** The file names of one frame, without folders, one or one a view. Throws on a format that is not a picture's. */
export function outputNames(naming: OutputNaming, frame: number): string[] {
  const extensions = EXTENSIONS[naming.format];
  if (extensions === undefined) throw new Error(`${naming.format} is no picture format of Blender`);
  const name = numbered(lastPart(naming.path), frame);
  const suffixes = naming.viewSuffixes.length === 0 ? [''] : naming.viewSuffixes;
  return suffixes.map((suffix) => {
    const named = naming.fileExtension ? withExtension(name, extensions) : name;
    return suffix === '' ? named : withSuffix(named, suffix);
  });
}

function lastPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function numbered(name: string, frame: number): string {
  const counted = /#/.test(name) ? name : name + '#'.repeat(SHORTEST_NUMBER);
  return counted.replace(/(#+)([^#]*)$/, (_, run: string, rest: string) => padded(frame, run.length) + rest);
}

function padded(frame: number, digits: number): string {
  return (frame < 0 ? '-' : '') + String(Math.abs(frame)).padStart(digits, '0');
}

function withSuffix(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name + suffix : name.slice(0, dot) + suffix + name.slice(dot);
}

function withExtension(name: string, [extension = '', ...others]: readonly string[]): string {
  const lower = name.toLowerCase();
  if ([extension, ...others].some((known) => lower.endsWith(known))) return name;
  if (PICTURE_EXTENSION.test(name)) return name.replace(PICTURE_EXTENSION, extension);
  return name.replace(/\.+$/, '') + extension;
}
