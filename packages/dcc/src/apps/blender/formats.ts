/** Picture and movie formats: the numbers in the file and Blender's words for them. */

const FORMATS: Readonly<Record<number, string>> = {
  0: 'TARGA',
  1: 'IRIS',
  4: 'JPEG',
  7: 'IRIS',
  14: 'TARGA_RAW',
  15: 'AVI_RAW',
  16: 'AVI_JPEG',
  17: 'PNG',
  20: 'BMP',
  21: 'HDR',
  22: 'TIFF',
  23: 'OPEN_EXR',
  24: 'FFMPEG',
  25: 'FRAMESERVER',
  26: 'CINEON',
  27: 'DPX',
  28: 'OPEN_EXR_MULTILAYER',
  29: 'DDS',
  30: 'JPEG2000',
  31: 'H264',
  32: 'XVID',
  33: 'THEORA',
  34: 'PSD',
  35: 'WEBP',
  36: 'AV1',
};

const MOVIES = new Set(['AVI_RAW', 'AVI_JPEG', 'FFMPEG', 'H264', 'XVID', 'THEORA', 'AV1', 'FRAMESERVER']);
const PICTURES = new Set(Object.values(FORMATS).filter((format) => !MOVIES.has(format)));

/** Blender's word for `imtype`; `UNKNOWN_n` for a number no known version writes. */
export function formatName(imtype: number): string {
  return FORMATS[imtype] ?? `UNKNOWN_${imtype}`;
}

/** Whether the format is a movie: one file for all frames, which a farm cannot share out. */
export function isMovie(format: string): boolean {
  return MOVIES.has(format);
}

/** Whether frames can be rendered in this format. */
export function isPicture(format: string): boolean {
  return PICTURES.has(format);
}
