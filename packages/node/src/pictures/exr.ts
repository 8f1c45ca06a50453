/**
 * OpenEXR as far as it proves that a file is whole. After the magic and a version word come attributes (name NUL, type
 * NUL, u32 size, bytes) up to an empty name, then one u64 offset per chunk. A writer fills the offsets last, so a file
 * that breaks off has zeros there, or offsets behind its end. Multi-part and deep files: header only.
 */
import { open } from 'node:fs/promises';
import { MiB } from '@croft/contract';
import { damaged, type HeaderFacts } from './header-facts.ts';

const MOST_HEADER_BYTES = 4 * MiB;
const MOST_CHUNKS = 1_000_000;
const FLAG_TILED = 0x200;
const FLAGS_DEEP_OR_MULTIPART = 0x1800;
/** Rows in a chunk by compression number: none, rle, zips, zip, piz, pxr24, b44, b44a, dwaa, dwab. */
const ROWS_A_CHUNK = [1, 1, 1, 16, 32, 16, 32, 32, 32, 256];

/** Throws NODE_OUTPUT_DAMAGED. */
export async function checkExr(file: string, size: number): Promise<HeaderFacts> {
  await using handle = await open(file, 'r');
  const read = async (at: number, length: number) => {
    const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - at)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    return buffer.subarray(0, bytesRead);
  };
  const head = await read(0, MOST_HEADER_BYTES);
  if (head.length < 12) throw damaged('breaks off in its header');
  const flags = head.readUInt32LE(4);
  const { attributes, end } = attributesOf(head);
  const window = attributes.get('dataWindow');
  if (window === undefined || window.length < 16) throw damaged('has no data window');
  const width = window.readInt32LE(8) - window.readInt32LE(0) + 1;
  const height = window.readInt32LE(12) - window.readInt32LE(4) + 1;
  if (width < 1 || height < 1) throw damaged('has no size');
  const channels = channelsToShow(channelNames(attributes.get('channels')));
  if ((flags & (FLAGS_DEEP_OR_MULTIPART | FLAG_TILED)) === 0) {
    const rows = ROWS_A_CHUNK[attributes.get('compression')?.[0] ?? 0] ?? 1;
    const chunks = Math.ceil(height / rows);
    if (chunks > MOST_CHUNKS) throw damaged('has an impossible height');
    checkOffsets(await read(end, chunks * 8), chunks, end, size);
  }
  return { format: 'exr', width, height, channels, isDecodable: (flags & 0x800) === 0 };
}

function attributesOf(head: Buffer): { attributes: Map<string, Buffer>; end: number } {
  const attributes = new Map<string, Buffer>();
  let at = 8;
  const text = () => {
    const nul = head.indexOf(0, at);
    if (nul === -1 || nul - at > 255) throw damaged('breaks off in its header');
    const found = head.toString('latin1', at, nul);
    at = nul + 1;
    return found;
  };
  for (let name = text(); name !== ''; name = text()) {
    text();
    if (at + 4 > head.length) throw damaged('breaks off in its header');
    const bytes = head.readUInt32LE(at);
    if (bytes > head.length - at - 4) throw damaged('breaks off in its header');
    attributes.set(name, head.subarray(at + 4, at + 4 + bytes));
    at += 4 + bytes;
  }
  return { attributes, end: at };
}

function channelNames(list: Buffer | undefined): string[] {
  const names: string[] = [];
  let at = 0;
  while (list !== undefined && at < list.length && list[at] !== 0) {
    const nul = list.indexOf(0, at);
    if (nul === -1) break;
    names.push(list.toString('utf8', at, nul));
    at = nul + 1 + 16;
  }
  if (names.length === 0) throw damaged('has no channels');
  return names;
}

/** Red, green and blue of the picture: plain names, else the combined pass, else the first layer, else one channel. */
function channelsToShow(names: string[]): string[] {
  const triple = (prefix: string) => [`${prefix}R`, `${prefix}G`, `${prefix}B`];
  const prefixes = names.filter((name) => /(^|\.)R$/.test(name)).map((name) => name.slice(0, -1));
  prefixes.sort((a, b) => a.length - b.length);
  const best =
    prefixes.find((one) => one === '') ?? prefixes.find((one) => /Combined\.$/.test(one)) ?? prefixes[0];
  if (best !== undefined && triple(best).every((name) => names.includes(name))) return triple(best);
  const single = names[0] ?? '';
  return [single, single, single];
}

function checkOffsets(table: Buffer, chunks: number, end: number, size: number): void {
  if (table.length < chunks * 8) throw damaged('breaks off in its offset table');
  const first = BigInt(end + chunks * 8);
  for (let at = 0; at < table.length; at += 8) {
    const offset = table.readBigUInt64LE(at);
    if (offset < first || offset + 8n > BigInt(size))
      throw damaged('is not whole: some of its rows are missing');
  }
}
