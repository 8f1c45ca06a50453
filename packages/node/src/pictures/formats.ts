/** Picture formats by their first bytes, and what a header alone can prove of those that sharp does not decode. */
import { checkExr } from './exr.ts';
import { damaged, type HeaderFacts } from './header-facts.ts';

/** Format name of what starts with `head`; null where it is no picture format known here. */
export function formatOf(head: Buffer): string | null {
  const starts = (hex: string, at = 0) =>
    head.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, 'hex'));
  if (starts('89504e470d0a1a0a')) return 'png';
  if (starts('ffd8ff')) return 'jpeg';
  if (starts('52494646') && starts('57454250', 8)) return 'webp';
  if (starts('49492a00') || starts('4d4d002a') || starts('49492b00') || starts('4d4d002b')) return 'tiff';
  if (starts('762f3101')) return 'exr';
  if (head.subarray(0, 2).toString('latin1') === '#?') return 'hdr';
  if (starts('424d')) return 'bmp';
  if (starts('53445058') || starts('58504453')) return 'dpx';
  if (starts('802a5fd7') || starts('d75f2a80')) return 'cineon';
  if (starts('01da')) return 'iris';
  if (starts('0000000c6a502020') || starts('ff4fff51')) return 'jpeg2000';
  return isTga(head) ? 'tga' : null;
}

/** Throws NODE_OUTPUT_DAMAGED where header and size cannot belong together. */
export async function checkHeader(
  format: string,
  file: string,
  head: Buffer,
  size: number,
): Promise<HeaderFacts> {
  if (format === 'exr') return await checkExr(file, size);
  const facts = (width: number, height: number, leastBytes: number): HeaderFacts => {
    if (width < 1 || height < 1) throw damaged('has no size');
    if (size < leastBytes) throw damaged('breaks off');
    return { format, width, height, channels: null, isDecodable: format !== 'jpeg2000' };
  };
  if (format === 'hdr') {
    const found = /[-+]Y (\d{1,9}) [-+]X (\d{1,9})\n/.exec(head.toString('latin1'));
    if (found === null) throw damaged('has no resolution');
    // Each row has four bytes of header at least; whether it goes on to its end only a decoder can say.
    return facts(Number(found[2]), Number(found[1]), (found.index ?? 0) + Number(found[1]) * 4);
  }
  if (format === 'tga') {
    const [width, height] = [head.readUInt16LE(12), head.readUInt16LE(14)];
    const isPacked = (head[2] ?? 0) >= 9;
    return facts(width, height, isPacked ? 19 : 18 + (head[0] ?? 0) + (width * height * (head[16] ?? 0)) / 8);
  }
  if (head.length < 54) throw damaged('breaks off');
  if (format === 'bmp')
    return facts(head.readInt32LE(18), Math.abs(head.readInt32LE(22)), head.readUInt32LE(2));
  if (format === 'iris') return facts(head.readUInt16BE(6), head.readUInt16BE(8), 512);
  if (format === 'dpx' && head.length >= 784) {
    const isBig = head.toString('latin1', 0, 4) === 'SDPX';
    const u32 = (at: number) => (isBig ? head.readUInt32BE(at) : head.readUInt32LE(at));
    const told = u32(16);
    return facts(u32(772), u32(776), told === 0xffffffff ? u32(4) + 1 : told);
  }
  return { format, width: null, height: null, channels: null, isDecodable: format !== 'jpeg2000' };
}

/** TGA has no magic at its start: the header must make sense throughout. */
function isTga(head: Buffer): boolean {
  if (head.length < 18) return false;
  const [, map = 0, type = 0] = head;
  const depth = head[16] ?? 0;
  return map <= 1 && [1, 2, 3, 9, 10, 11].includes(type) && [8, 15, 16, 24, 32].includes(depth);
}
