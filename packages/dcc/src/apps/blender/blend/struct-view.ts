/**
 * One struct in a block, read by the names of its fields. Nothing here trusts the file: a field that is not there, or that lies
 * beyond the bytes, reads as 0, '' or null; lists and arrays are bounded.
 */
import type { Address } from './address-map.ts';
import type { BlendFile } from './blend-file.ts';
import type { Block } from './blocks.ts';
import type { Field, StructLayout } from './sdna.ts';

const LONGEST_LIST = 1_000_000;

export class StructView {
  readonly file: BlendFile;
  readonly layout: StructLayout;
  readonly block: Block;
  readonly #base: number;

  constructor(file: BlendFile, layout: StructLayout, block: Block, base: number) {
    this.file = file;
    this.layout = layout;
    this.block = block;
    this.#base = base;
  }

  get type(): string {
    return this.layout.name;
  }

  has(name: string): boolean {
    return this.layout.fields.has(name);
  }

  /** A number field, or its `index`-th element. */
  number(name: string, index = 0): number {
    const place = this.#place(name, index);
    return place === null || place.field.pointer
      ? 0
      : readNumber(this.file, this.block.bytes, place.at, place.field);
  }

  /** A `char` array up to its NUL. UTF-8 as Blender writes, else Latin-1. */
  text(name: string): string {
    const place = this.#place(name, 0);
    if (place === null || place.field.pointer) return '';
    return cString(this.block.bytes.subarray(place.at, place.at + place.field.count * place.field.size));
  }

  /** A struct inside this one. */
  struct(name: string, index = 0): StructView | null {
    const place = this.#place(name, index);
    const layout = place && !place.field.pointer ? this.file.dna.byName.get(place.field.type) : undefined;
    return place && layout ? new StructView(this.file, layout, this.block, place.at) : null;
  }

  /** A pointer field as an address; null for no field or NULL. */
  pointer(name: string): Address | null {
    const place = this.#place(name, 0);
    if (place === null || !place.field.pointer) return null;
    const { bytes } = this.block;
    const wide = this.file.header.pointerBytes === 8;
    const little = this.file.header.littleEndian;
    const word = (at: number) => (little ? bytes.readInt32LE(at) : bytes.readInt32BE(at));
    const first = word(place.at);
    const second = wide ? word(place.at + 4) : 0;
    const address = wide && !little ? { high: first, low: second } : { high: second, low: first };
    return address.high === 0 && address.low === 0 ? null : address;
  }

  /** The struct a pointer field points to; null where its block was not kept or is not there. */
  follow(name: string): StructView | null {
    const target = this.#target(name);
    return target && this.file.viewOf(target);
  }

  /** The structs of the array that a pointer field points to. */
  followAll(name: string): StructView[] {
    const target = this.#target(name);
    return target ? this.file.viewsOf(target) : [];
  }

  /** Text behind a `char *` field. */
  followText(name: string): string {
    const target = this.#target(name);
    return target ? cString(target.bytes) : '';
  }

  /** The items of a ListBase field, which a loop in a damaged file cannot make endless. */
  *list(name: string): Generator<StructView> {
    const seen = new Set<Block>();
    let item = this.struct(name)?.follow('first') ?? null;
    while (item !== null && !seen.has(item.block) && seen.size < LONGEST_LIST) {
      seen.add(item.block);
      yield item;
      item = item.follow('next');
    }
  }

  /** Where a field's bytes lie in the uncompressed file, and how many they are. */
  fieldPlace(name: string): { offset: number; length: number } | null {
    const place = this.#place(name, 0);
    if (place === null) return null;
    return { offset: this.block.offset + place.at, length: place.field.size * place.field.count };
  }

  #target(name: string): Block | null {
    const address = this.pointer(name);
    return address && this.file.blockAt(address, this.block.owner);
  }

  #place(name: string, index: number): { field: Field; at: number } | null {
    const field = this.layout.fields.get(name);
    if (field === undefined || index >= field.count) return null;
    const at = this.#base + field.offset + index * field.size;
    const end = this.#base + field.offset + field.size * field.count;
    return end <= this.block.bytes.length ? { field, at } : null;
  }
}

function readNumber(file: BlendFile, bytes: Buffer, at: number, field: Field): number {
  const little = file.header.littleEndian;
  switch (field.type) {
    case 'char':
    case 'int8_t':
      return bytes.readInt8(at);
    case 'uchar':
    case 'uint8_t':
      return bytes.readUInt8(at);
    case 'short':
    case 'int16_t':
      return little ? bytes.readInt16LE(at) : bytes.readInt16BE(at);
    case 'ushort':
    case 'uint16_t':
      return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
    case 'int':
      return little ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
    case 'uint32_t':
      return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    case 'float':
      return little ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
    case 'double':
      return little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
    case 'int64_t':
    case 'uint64_t':
      return Number(little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at));
    default:
      return 0;
  }
}

/** Bytes up to the first NUL as text. */
export function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const text = used.toString('utf8');
  return text.includes('\uFFFD') ? used.toString('latin1') : text;
}
