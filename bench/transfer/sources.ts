/** The files that are moved. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { GiB, KiB, MiB } from '@croft/contract';

export const LONG_NAME = 'long.abc';
const BLOCK_BYTES = 64 * KiB;

/** One file in a folder of its own, of 1 GiB where nothing else is said. */
export async function makeLong(folder: string, bytes = GiB): Promise<string> {
  await mkdir(folder);
  const file = await open(join(folder, LONG_NAME), 'w');
  for (let at = 0; at < bytes; at += 16 * MiB) await file.write(randomBytes(16 * MiB));
  await file.sync();
  await file.close();
  return folder;
}

/** A copy of the long file with 1 % of it changed in place, in blocks that lie evenly. */
export async function changedInPlace(long: string, folder: string): Promise<string> {
  await mkdir(folder);
  await copyFile(join(long, LONG_NAME), join(folder, LONG_NAME));
  const file = await open(join(folder, LONG_NAME), 'r+');
  for (let at = 0; at < GiB; at += 100 * BLOCK_BYTES)
    await file.write(randomBytes(BLOCK_BYTES), 0, BLOCK_BYTES, at);
  await file.sync();
  await file.close();
  return folder;
}

/** A copy of the long file behind 1 MB of other bytes. */
export async function insertedInFront(long: string, folder: string): Promise<string> {
  await mkdir(folder);
  const from = await open(join(long, LONG_NAME), 'r');
  const to = await open(join(folder, LONG_NAME), 'w');
  await to.write(randomBytes(1_000_000));
  const buffer = Buffer.allocUnsafe(16 * MiB);
  for (let at = 0; at < GiB; at += buffer.length) {
    await from.read(buffer, 0, buffer.length, at);
    await to.write(buffer);
  }
  await to.sync();
  await Promise.all([from.close(), to.close()]);
  return folder;
}

/** So many files of so many bytes, 1,000 in a folder. */
export async function makeMany(folder: string, files: number, fileBytes: number): Promise<string> {
  for (let first = 0; first < files; first += 1000) {
    const below = join(folder, `shot ${first / 1000}`);
    await mkdir(below, { recursive: true });
    for (let number = first; number < Math.min(files, first + 1000); number++)
      await writeFile(join(below, `${number}.bin`), randomBytes(fileBytes));
  }
  return folder;
}

/** What scenes are made of, by how it shrinks: made up, so that every machine has the same. */
export const SCENE_KINDS = {
  /** Points and indices as text: an .ma, a .usda. */
  text: (folder, bytes) => makeFile(join(folder, 'scene.usda'), bytes, pointsAsText),
  /** Structs of floats, indices and padding: a .blend, an .abc. */
  mesh: (folder, bytes) => makeFile(join(folder, 'scene.blend'), bytes, pointsAsStructs),
  /** Frames that are packed already. */
  EXR: async (folder, bytes) => {
    for (let at = 0; at < bytes; at += EXR_BYTES)
      await makeFile(
        join(folder, `pic_${at / EXR_BYTES}.exr`),
        Math.min(EXR_BYTES, bytes - at),
        packedPixels,
      );
  },
  noise: (folder, bytes) => makeFile(join(folder, 'cache.bin'), bytes, () => randomBytes(MiB)),
} satisfies Record<string, (folder: string, bytes: number) => Promise<void>>;
export type SceneKind = keyof typeof SCENE_KINDS;

const EXR_BYTES = 4 * MiB;

async function makeFile(path: string, bytes: number, piece: (from: number) => Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  for (let at = 0; at < bytes; ) {
    const next = piece(at).subarray(0, bytes - at);
    await file.write(next);
    at += next.length;
  }
  await file.close();
}

function pointsAsText(from: number): Uint8Array {
  let text = '';
  for (let point = 0; point < 20_000; point++) {
    const at = from + point;
    const digits = [Math.sin(at / 97), Math.cos(at / 61), Math.random()].map((one) => one.toFixed(6));
    text += `(${digits.join(', ')}), ${at % 4096}, ${(at + 1) % 4096},\n`;
  }
  return Buffer.from(text);
}

function pointsAsStructs(from: number): Uint8Array {
  const structs = Buffer.alloc(32 * 16_384);
  for (let point = 0; point < 16_384; point++) {
    const at = point * 32;
    structs.writeFloatLE(Math.sin((from + point) / 97), at);
    structs.writeFloatLE(Math.cos((from + point) / 61), at + 4);
    structs.writeFloatLE(Math.random(), at + 8);
    structs.writeUInt32LE(point, at + 12);
    structs.writeUInt16LE(32_767, at + 16);
  }
  return structs;
}

function packedPixels(): Uint8Array {
  const halves = Buffer.alloc(MiB);
  for (let at = 0; at < halves.length; at += 2)
    halves.writeUInt16LE(0x3800 + ((at >> 8) & 0xff) + Math.random() * 256, at);
  return deflateSync(halves, { level: 4 });
}
