/**
 * The first bytes of an uncompressed .blend.
 *
 * Until 4.5:  `BLENDER` + pointer size (`_` 4 bytes, `-` 8 bytes) + byte order (`v` little, `V` big) + 3 digits of version.
 * From 5.0:   `BLENDER` + 2 digits: length of this header + `-` + 2 digits: format of the file + `v` + 4 digits of version.
 */
import { dccErrors } from '../../../errors.ts';

export interface BlendHeader {
  /** As in the file: 249, 304, 501. */
  readonly version: number;
  readonly pointerBytes: 4 | 8;
  readonly littleEndian: boolean;
  /** Bytes before the first block. */
  readonly length: number;
  /** Layout of the block heads: `large` since 5.0, with 64-bit lengths. */
  readonly heads: 'small' | 'large';
}

export const LONGEST_HEADER = 17;
const OLD = /^BLENDER([_-])([vV])(\d{3})/;
const NEW = /^BLENDER(\d\d)-(\d\d)v(\d{4})/;

/** Whether bytes begin like an uncompressed .blend. */
export function startsLikeBlend(head: Uint8Array): boolean {
  return asText(head).startsWith('BLENDER');
}

/** Reads the header. Throws DCC_NOT_A_SCENE, DCC_SCENE_TRUNCATED, or DCC_SCENE_DAMAGED for an unknown layout. */
export function readHeader(head: Uint8Array): BlendHeader {
  const text = asText(head);
  if (!text.startsWith('BLENDER')) throw dccErrors.DCC_NOT_A_SCENE('the file is no Blender scene');
  const old = OLD.exec(text);
  if (old) {
    return {
      version: Number(old[3]),
      pointerBytes: old[1] === '_' ? 4 : 8,
      littleEndian: old[2] === 'v',
      length: 12,
      heads: 'small',
    };
  }
  const large = NEW.exec(text);
  if (large && Number(large[1]) === LONGEST_HEADER && Number(large[2]) === 1) {
    return {
      version: Number(large[3]),
      pointerBytes: 8,
      littleEndian: true,
      length: LONGEST_HEADER,
      heads: 'large',
    };
  }
  if (head.length < LONGEST_HEADER) throw dccErrors.DCC_SCENE_TRUNCATED('the scene ends inside its header');
  throw dccErrors.DCC_SCENE_DAMAGED('the scene has a header that no known Blender writes', {
    hint: 'The file is damaged, or from a newer Blender than this version of Croft knows.',
  });
}

/** `major.minor` as Blender names its versions: 249 → 2.49, 304 → 3.4, 501 → 5.1. */
export function versionName(version: number): string {
  const major = Math.floor(version / 100);
  const minor = version % 100;
  return major < 3 ? `${major}.${String(minor).padStart(2, '0')}` : `${major}.${minor}`;
}

function asText(head: Uint8Array): string {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, LONGEST_HEADER)).toString('latin1');
}
