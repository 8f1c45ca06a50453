/**
 * Pages of a log as showLog numbers them: 16 KiB each, by bytes. A character that lies across the border belongs whole to
 * the page in which it begins, so no page shows half of one.
 */
import { KiB } from '@croft/contract';

export const LOG_PAGE_BYTES = 16 * KiB;
/** A UTF-8 character has at most this many bytes after its first. */
const MOST_TAIL_BYTES = 3;

/** Which page is meant. They count from 0, but the SDK's default is 1: of a log with one page both numbers mean it. */
export function pageIndex(asked: number, pageCount: number): number {
  return pageCount === 1 && asked === 1 ? 0 : asked;
}

/** The text of page `index`; reads only the bytes of that page. `read` gives what there is from a byte offset on. */
export async function logPage(
  index: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): Promise<string> {
  const bytes = await read(index * LOG_PAGE_BYTES, LOG_PAGE_BYTES + MOST_TAIL_BYTES);
  const start = index === 0 ? 0 : tailLength(bytes, 0);
  const end = Math.min(bytes.length, LOG_PAGE_BYTES + tailLength(bytes, LOG_PAGE_BYTES));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end));
}

/** How many bytes from `from` on continue a character that began before. */
function tailLength(bytes: Uint8Array, from: number): number {
  let length = 0;
  while (length < MOST_TAIL_BYTES && ((bytes[from + length] ?? 0) & 0xc0) === 0x80) length += 1;
  return length;
}
