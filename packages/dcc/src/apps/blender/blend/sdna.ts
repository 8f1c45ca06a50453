/**
 * SDNA: the catalogue of C structs that a .blend carries to describe its own blocks (block DNA1, last but one).
 *
 * `SDNA` `NAME` n, n names ending in NUL, to a multiple of 4; `TYPE` n, n names, to a multiple of 4; `TLEN` n × u16 sizes, to a
 * multiple of 4; `STRC` n × {u16 type, u16 fields, fields × {u16 type, u16 name}}. A name with `*` or `(*` in front is a pointer,
 * `[a][b]` behind makes arrays. Names are those of the first Blender that had the field, for ever.
 */
import { dccErrors } from '../../../errors.ts';
import type { BlendHeader } from './header.ts';

export interface Field {
  readonly name: string;
  /** Name of the type, without pointers and arrays. */
  readonly type: string;
  readonly pointer: boolean;
  /** Elements of the array, 1 for a single value. */
  readonly count: number;
  /** From the start of the struct, bytes. */
  readonly offset: number;
  /** Of one element, bytes. */
  readonly size: number;
}

export interface StructLayout {
  readonly name: string;
  readonly size: number;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Sdna {
  /** By the number that block heads carry. */
  readonly structs: readonly StructLayout[];
  readonly byName: ReadonlyMap<string, StructLayout>;
}

const MOST_ENTRIES = 65_536;
const MOST_FIELDS = 4_096;

/** Reads the DNA1 block. Throws DCC_SCENE_DAMAGED where it contradicts itself. */
export function readSdna(bytes: Buffer, header: BlendHeader): Sdna {
  const reader = new DnaReader(bytes, header.littleEndian);
  reader.expect('SDNA');
  const names = reader.names('NAME').map(parseFieldName);
  const types = reader.names('TYPE');
  reader.expect('TLEN');
  const sizes = types.map(() => reader.u16());
  reader.align();
  reader.expect('STRC');
  const structs = reader.repeat(() => {
    const typeIndex = reader.u16();
    const name = types[typeIndex];
    if (name === undefined) throw damaged('names a type that is not there');
    const fields = new Map<string, Field>();
    let offset = 0;
    const count = reader.u16();
    if (count > MOST_FIELDS) throw damaged('has a struct of too many fields');
    for (let n = 0; n < count; n++) {
      const fieldType = reader.u16();
      const spelling = names[reader.u16()];
      const type = types[fieldType];
      if (type === undefined || spelling === undefined) throw damaged('has a field without name or type');
      const size = spelling.pointer ? header.pointerBytes : sizes[fieldType]!;
      fields.set(spelling.name, { ...spelling, type, offset, size });
      offset += size * spelling.count;
    }
    const size = sizes[typeIndex]!;
    if (offset > size) throw damaged(`gives ${name} more fields than bytes`);
    return { name, size, fields };
  });
  return { structs, byName: new Map(structs.map((struct) => [struct.name, struct])) };
}

function parseFieldName(spelling: string): { name: string; pointer: boolean; count: number } {
  const pointer = spelling.startsWith('*') || spelling.startsWith('(*');
  const name = /[A-Za-z0-9_]+/.exec(spelling)?.[0] ?? spelling;
  let count = 1;
  for (const [, digits] of spelling.matchAll(/\[(\d{1,9})\]/g))
    count = Math.min(count * Number(digits), 2 ** 31);
  return { name, pointer, count };
}

class DnaReader {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  #at = 0;

  constructor(bytes: Buffer, little: boolean) {
    this.#bytes = bytes;
    this.#little = little;
  }

  expect(tag: string): void {
    if (this.#bytes.toString('latin1', this.#at, this.#at + 4) !== tag)
      throw damaged(`lacks its part ${tag}`);
    this.#at += 4;
  }

  u16(): number {
    if (this.#at + 2 > this.#bytes.length) throw damaged('ends too early');
    const value = this.#little ? this.#bytes.readUInt16LE(this.#at) : this.#bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 4) * 4;
  }

  names(tag: string): string[] {
    this.expect(tag);
    const names = this.repeat(() => {
      const end = this.#bytes.indexOf(0, this.#at);
      if (end < 0) throw damaged('has a name without an end');
      const name = this.#bytes.toString('latin1', this.#at, end);
      this.#at = end + 1;
      return name;
    });
    this.align();
    return names;
  }

  repeat<Item>(read: () => Item): Item[] {
    if (this.#at + 4 > this.#bytes.length) throw damaged('ends too early');
    const count = this.#little ? this.#bytes.readUInt32LE(this.#at) : this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    if (count > MOST_ENTRIES) throw damaged('has too many entries');
    return Array.from({ length: count }, read);
  }
}

const damaged = (how: string) => dccErrors.DCC_SCENE_DAMAGED(`the scene's catalogue of structs ${how}`);
