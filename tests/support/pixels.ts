/** Pictures compared by what they show: files differ in metadata (time, path, render time) even when pixels do not. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export interface Pixels {
  width: number;
  height: number;
  channels: number;
  data: Buffer;
}

export async function pixelsOf(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file).raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

/** Same size and every sample equal. */
export async function samePixels(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([pixelsOf(a), pixelsOf(b)]);
  return left.width === right.width && left.height === right.height && left.data.equals(right.data);
}

/** Regular files below a folder, as sorted paths relative to it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
