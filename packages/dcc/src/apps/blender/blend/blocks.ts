/**
 * The blocks of a .blend. A file is a header and then blocks until ENDB, each a head and `length` bytes:
 *
 *   4-byte pointers  code[4] i32 length, u32 address, i32 struct, i32 count           20 bytes
 *   8-byte pointers  code[4] i32 length, u64 address, i32 struct, i32 count           24 bytes
 *   large (5.0)      code[4] i32 struct, u64 address, i64 length, i64 count           32 bytes
 *
 * Blocks of a datablock (code `OB`, `IM` …, NULs dropped) are followed by the DATA blocks that it owns. DNA1 says what the
 * struct numbers mean and comes last, so a reader either finds it first (`dna-finder.ts`) or decides afterwards.
 * One pass keeps what `keep` wants and steps over the rest without reading it.
 */
import { MiB } from '@croft/contract';
import { dccErrors } from '../../../errors.ts';
import type { Address } from './address-map.ts';
import type { ByteCursor } from './byte-cursor.ts';
import type { BlendHeader } from './header.ts';

export interface BlockHead {
  /** `OB`, `DATA`, `DNA1`, … */
  readonly code: string;
  readonly length: number;
  readonly address: Address;
  readonly struct: number;
  readonly count: number;
}

export interface Block extends BlockHead {
  readonly bytes: Buffer;
  /** Of `bytes`, from the start of the uncompressed file. */
  readonly offset: number;
  /** Ordinal of the datablock it belongs to; its own for a datablock. */
  readonly owner: number;
}

/** Decides on a block before its bytes are read. `ownerCode`: code of the datablock that owns it. */
export type Keep = (head: BlockHead, ownerCode: string) => boolean;

export interface Scan {
  readonly blocks: readonly Block[];
  /** Bytes of DNA1; null where the scan was told not to keep it. */
  readonly dna: Buffer | null;
}

const MOST_BLOCKS = 50_000_000;
const MOST_KEPT = 2_000_000;
const MOST_KEPT_BYTES = 512 * MiB;
const LARGEST_DNA = 16 * MiB;

/** Reads all block heads from behind the header to ENDB. Throws DCC_SCENE_TRUNCATED, _DAMAGED or DCC_TOO_LARGE. */
export async function scanBlocks(cursor: ByteCursor, header: BlendHeader, keep: Keep): Promise<Scan> {
  const headBytes = blockHeadBytes(header);
  const blocks: Block[] = [];
  let dna: Buffer | null = null;
  let keptBytes = 0;
  let owner = -1;
  let ownerCode = '';
  for (let seen = 0; ; seen++) {
    if (seen > MOST_BLOCKS) throw dccErrors.DCC_TOO_LARGE('the scene has too many blocks');
    if (!cursor.has(headBytes) && !(await cursor.fill(headBytes))) {
      if (await endsWithShortEnd(cursor)) break;
      throw dccErrors.DCC_SCENE_TRUNCATED('the scene ends before its last block');
    }
    const head = readBlockHead(cursor.take(headBytes), header);
    if (head.code === 'ENDB') break;
    if (head.code !== 'DATA') {
      owner++;
      ownerCode = head.code;
    }
    const isDna = head.code === 'DNA1';
    if (!isDna && !keep(head, ownerCode)) {
      if (!cursor.skip(head.length) && !(await cursor.skipFar(head.length))) throw insideBlock();
      continue;
    }
    keptBytes += head.length;
    if (keptBytes > MOST_KEPT_BYTES || blocks.length >= MOST_KEPT || (isDna && head.length > LARGEST_DNA)) {
      throw dccErrors.DCC_TOO_LARGE('the scene has more data to look at than the limit of 512 MiB');
    }
    const offset = cursor.position;
    const bytes = cursor.copyAtHand(head.length) ?? (await cursor.copy(head.length));
    if (bytes === null) throw insideBlock();
    if (isDna) dna = bytes;
    else blocks.push({ ...head, bytes, offset, owner });
  }
  return { blocks, dna };
}

export function blockHeadBytes(header: BlendHeader): number {
  if (header.heads === 'large') return 32;
  return header.pointerBytes === 4 ? 20 : 24;
}

/** Reads one head. Throws DCC_SCENE_DAMAGED for a code or a length that no Blender writes. */
export function readBlockHead(bytes: Buffer, header: BlendHeader): BlockHead {
  const code = codeText(bytes.readUInt32BE(0));
  const view = header.littleEndian ? littleHead : bigHead;
  const head = view(bytes, header, code);
  if (head.length < 0 || head.count < 0 || !Number.isSafeInteger(head.length)) {
    throw dccErrors.DCC_SCENE_DAMAGED('the scene has a block of negative length');
  }
  return head;
}

function littleHead(bytes: Buffer, header: BlendHeader, code: string): BlockHead {
  if (header.heads === 'large') {
    return {
      code,
      struct: bytes.readInt32LE(4),
      address: { low: bytes.readInt32LE(8), high: bytes.readInt32LE(12) },
      length: Number(bytes.readBigInt64LE(16)),
      count: Number(bytes.readBigInt64LE(24)),
    };
  }
  const wide = header.pointerBytes === 8 ? 4 : 0;
  return {
    code,
    length: bytes.readInt32LE(4),
    address: { low: bytes.readInt32LE(8), high: wide ? bytes.readInt32LE(12) : 0 },
    struct: bytes.readInt32LE(12 + wide),
    count: bytes.readInt32LE(16 + wide),
  };
}

function bigHead(bytes: Buffer, header: BlendHeader, code: string): BlockHead {
  const wide = header.pointerBytes === 8 ? 4 : 0;
  return {
    code,
    length: bytes.readInt32BE(4),
    address: { high: wide ? bytes.readInt32BE(8) : 0, low: bytes.readInt32BE(8 + wide) },
    struct: bytes.readInt32BE(12 + wide),
    count: bytes.readInt32BE(16 + wide),
  };
}

const codes = new Map<number, string>();

function codeText(word: number): string {
  const known = codes.get(word);
  if (known !== undefined) return known;
  const letters = [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff).filter((byte) => byte !== 0);
  if (letters.length < 2 || letters.some((byte) => byte < 0x20 || byte > 0x7e)) {
    throw dccErrors.DCC_SCENE_DAMAGED('the scene has bytes where a block should start');
  }
  const code = String.fromCharCode(...letters);
  if (codes.size < 1_000) codes.set(word, code);
  return code;
}

/** Some old files end in a bare `ENDB` without the rest of its head. */
async function endsWithShortEnd(cursor: ByteCursor): Promise<boolean> {
  return (await cursor.fill(4)) && cursor.take(4).toString('latin1') === 'ENDB';
}

const insideBlock = () => dccErrors.DCC_SCENE_TRUNCATED('the scene ends in the middle of a block');
