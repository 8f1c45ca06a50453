/**
 * A .blend with the blocks that matter in memory. Meshes, pictures, animation curves and the like, which make most of a file,
 * are stepped over (`wanted.ts` says what is kept).
 *
 * Pointers in the file are old memory addresses. A DATA block is looked for among the blocks of the same datablock first:
 * memory is used twice while Blender saves, so the same address may stand for two things.
 */
import { KiB } from '@croft/contract';
import type { SceneFile } from '../../../app.ts';
import { dccErrors } from '../../../errors.ts';
import { type Address, AddressMap } from './address-map.ts';
import { type BlendBytes, blendBytes } from './blend-bytes.ts';
import { type Block, type BlockHead, type Keep, type Scan, scanBlocks } from './blocks.ts';
import { ByteCursor } from './byte-cursor.ts';
import { findDna } from './dna-finder.ts';
import { type BlendHeader, LONGEST_HEADER, readHeader } from './header.ts';
import { readSdna, type Sdna, type StructLayout } from './sdna.ts';
import { StructView } from './struct-view.ts';
import { isWanted } from './wanted.ts';

/** Blocks up to this size are held while a stream is read whose structs are not known yet. */
const SMALL_BLOCK = 16 * KiB;

export class BlendFile {
  readonly header: BlendHeader;
  readonly dna: Sdna;
  readonly compression: BlendBytes['compression'];
  readonly #blocks: readonly Block[];
  readonly #addresses: AddressMap;
  readonly #byOwner = new Map<number, Block[]>();
  readonly #byCode = new Map<string, Block[]>();

  constructor(
    header: BlendHeader,
    dna: Sdna,
    compression: BlendBytes['compression'],
    blocks: readonly Block[],
  ) {
    this.header = header;
    this.dna = dna;
    this.compression = compression;
    this.#blocks = blocks;
    this.#addresses = new AddressMap(blocks.map((block) => block.address));
    for (const block of blocks) {
      const byKey =
        block.code === 'DATA' ? siblingsIn(this.#byOwner, block.owner) : siblingsIn(this.#byCode, block.code);
      byKey.push(block);
    }
  }

  /** Datablocks of a code: `SC`, `OB`, `IM`, …, in file order. */
  datablocks(code: string): StructView[] {
    return (this.#byCode.get(code) ?? []).flatMap((block) => this.viewOf(block) ?? []);
  }

  /** All structs of a type that a datablock owns: its modifiers, strips, nodes. */
  owned(datablock: StructView, type: string): StructView[] {
    const siblings = this.#byOwner.get(datablock.block.owner) ?? [];
    return siblings
      .filter((block) => this.#layoutOf(block)?.name === type)
      .flatMap((block) => this.viewsOf(block));
  }

  /** The block at an old address, one of the same owner first. */
  blockAt(address: Address, owner: number): Block | null {
    let elsewhere: Block | null = null;
    for (const number of this.#addresses.at(address)) {
      const block = this.#blocks[number]!;
      if (block.owner === owner) return block;
      if (block.code !== 'DATA') elsewhere ??= block;
    }
    return elsewhere;
  }

  viewOf(block: Block): StructView | null {
    const layout = this.#layoutOf(block);
    return layout ? new StructView(this, layout, block, 0) : null;
  }

  viewsOf(block: Block): StructView[] {
    const layout = this.#layoutOf(block);
    if (layout === undefined || layout.size === 0) return [];
    const count = Math.min(block.count, Math.floor(block.bytes.length / layout.size));
    return Array.from(
      { length: count },
      (_, index) => new StructView(this, layout, block, index * layout.size),
    );
  }

  #layoutOf(block: BlockHead): StructLayout | undefined {
    return this.dna.structs[block.struct];
  }
}

function siblingsIn<Key>(groups: Map<Key, Block[]>, key: Key): Block[] {
  const group = groups.get(key) ?? [];
  if (group.length === 0) groups.set(key, group);
  return group;
}

/** Reads a .blend. The file stays open; errors are those of the catalogue. */
export async function readBlendFile(file: SceneFile): Promise<BlendFile> {
  const bytes = await blendBytes(file);
  const header = await headerOf(bytes);
  const tail = await bytes.tail();
  const known = tail && findDna(tail, header);
  if (known) {
    const { blocks } = await scan(bytes, header, wantedBy(known));
    return new BlendFile(header, known, bytes.compression, blocks);
  }
  const stepped = new Map<string, { head: BlockHead; ownerCode: string }>();
  const first = await scan(bytes, header, (head, ownerCode) => {
    if (head.length <= SMALL_BLOCK) return true;
    const kind = `${head.code} ${head.struct} ${ownerCode}`;
    if (stepped.size < 10_000) stepped.set(kind, { head, ownerCode });
    return false;
  });
  if (first.dna === null) throw dccErrors.DCC_SCENE_DAMAGED('the scene has no catalogue of its structs');
  const dna = readSdna(first.dna, header);
  const keep = wantedBy(dna);
  const missed = [...stepped.values()].some(({ head, ownerCode }) => keep(head, ownerCode));
  const { blocks } = missed ? await scan(bytes, header, keep) : first;
  const ownerCodes = new Map(
    blocks.filter((block) => block.code !== 'DATA').map((block) => [block.owner, block.code]),
  );
  const wanted = blocks.filter((block) => keep(block, ownerCodes.get(block.owner) ?? ''));
  return new BlendFile(header, dna, bytes.compression, wanted);
}

function wantedBy(dna: Sdna): Keep {
  return (head, ownerCode) => isWanted(head, dna.structs[head.struct]?.name ?? '', ownerCode);
}

async function headerOf(bytes: BlendBytes): Promise<BlendHeader> {
  const source = bytes.open();
  try {
    const cursor = new ByteCursor(source);
    await cursor.fill(LONGEST_HEADER);
    return readHeader(
      (await cursor.fill(12))
        ? cursor.take(cursor.has(LONGEST_HEADER) ? LONGEST_HEADER : 12)
        : Buffer.alloc(0),
    );
  } finally {
    await source.close();
  }
}

async function scan(bytes: BlendBytes, header: BlendHeader, keep: Keep): Promise<Scan> {
  const source = bytes.open();
  try {
    const cursor = new ByteCursor(source);
    if (!(await cursor.skipFar(header.length)))
      throw dccErrors.DCC_SCENE_TRUNCATED('the scene ends inside its header');
    return await scanBlocks(cursor, header, keep);
  } finally {
    await source.close();
  }
}
