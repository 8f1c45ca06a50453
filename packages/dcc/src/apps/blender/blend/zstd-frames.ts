/**
 * The frames of a zstd file. Blender (3.0 on) writes one frame a MiB or so and then a skippable frame with a seek table:
 * `5E 2A 4D 18`, u32 length, for each frame {u32 compressed, u32 decompressed}, u32 number of frames, u8 flags, u32
 * 0x8F92EAB1. Other tools write one frame and no table. Node's decompressor ends after the first frame, so
 * frames are told apart here; their blocks carry their sizes, nothing has to be decompressed for that.
 */
import { MiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import { dccErrors } from '../../../errors.ts';
import type { ByteCursor } from './byte-cursor.ts';

export interface ZstdFrame {
  /** Where the compressed frame lies. */
  readonly offset: number;
  readonly length: number;
  /** Bytes it decompresses to, by the table; not to be trusted. */
  readonly contentLength: number;
}

const SEEKABLE_MAGIC = 0x8f92eab1;
const TABLE_FOOTER = 9;
const MOST_FRAMES = 4_000_000;
/** A frame that claims more than this is streamed instead of being held at once. */
const LARGEST_FRAME = 64 * MiB;

/** The seek table, or null where there is none that fits the file exactly. */
export async function readSeekTable(file: SceneFile): Promise<ZstdFrame[] | null> {
  if (file.size < TABLE_FOOTER + 8) return null;
  const footer = Buffer.from(await file.read(file.size - TABLE_FOOTER, TABLE_FOOTER));
  if (footer.length < TABLE_FOOTER || footer.readUInt32LE(5) !== SEEKABLE_MAGIC) return null;
  const count = footer.readUInt32LE(0);
  const entryBytes = footer[4]! & 0x80 ? 12 : 8;
  const tableStart = file.size - TABLE_FOOTER - count * entryBytes;
  if (count > MOST_FRAMES || tableStart < 8) return null;
  const table = Buffer.from(await file.read(tableStart, count * entryBytes));
  if (table.length < count * entryBytes) return null;
  const frames: ZstdFrame[] = [];
  let offset = 0;
  for (let entry = 0; entry < count; entry++) {
    const length = table.readUInt32LE(entry * entryBytes);
    const contentLength = table.readUInt32LE(entry * entryBytes + 4);
    if (contentLength > LARGEST_FRAME || length > LARGEST_FRAME) return null;
    if (contentLength > 0) frames.push({ offset, length, contentLength });
    offset += length;
  }
  return offset === tableStart - 8 ? frames : null;
}

/**
 * The compressed bytes of the frame at the cursor, in pieces; returns true where there may be another frame. Skippable
 * frames give nothing. Throws DCC_SCENE_TRUNCATED or DCC_SCENE_DAMAGED.
 */
export async function* frameBytes(cursor: ByteCursor): AsyncGenerator<Buffer> {
  const magic = await mustTake(cursor, 4);
  const tag = magic.readUInt32LE(0);
  if (tag >>> 4 === 0x184d2a5) {
    const length = (await mustTake(cursor, 4)).readUInt32LE(0);
    if (!(await cursor.skipFar(length))) throw endedEarly();
    return;
  }
  if (tag !== 0xfd2fb528)
    throw dccErrors.DCC_SCENE_DAMAGED('the compressed scene has bytes between its frames');
  yield magic;
  const descriptor = await mustTake(cursor, 1);
  const flags = descriptor[0]!;
  yield descriptor;
  const single = (flags & 0x20) !== 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][flags & 3]!;
  yield await mustTake(cursor, (single ? 0 : 1) + dictionaryBytes + sizeBytes);
  for (let last = false; !last; ) {
    const head = await mustTake(cursor, 3);
    const word = head.readUIntLE(0, 3);
    last = (word & 1) === 1;
    const kind = (word >> 1) & 3;
    if (kind === 3) throw dccErrors.DCC_SCENE_DAMAGED('the compressed scene has a block of an unknown kind');
    yield head;
    yield await mustTake(cursor, kind === 1 ? 1 : word >> 3);
  }
  if (flags & 4) yield await mustTake(cursor, 4);
}

async function mustTake(cursor: ByteCursor, length: number): Promise<Buffer> {
  const bytes = await cursor.copy(length);
  if (bytes === null) throw endedEarly();
  return bytes;
}

const endedEarly = () => dccErrors.DCC_SCENE_TRUNCATED('the compressed scene ends too early');
