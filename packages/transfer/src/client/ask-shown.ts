/** The question with which an upload of unchanged files begins, and mostly ends. */
import { differingReplySchema, MAX_DIFFERING_LINES, type TreeEntry, type TreeRoot } from '@croft/contract';
import { NDJSON_TYPE } from '../ndjson.ts';
import type { DoorHttp, DoorRequest } from './door-http.ts';

const LINES_PER_PIECE = 500;

export async function askShown(
  http: DoorHttp,
  root: TreeRoot,
  entries: readonly TreeEntry[],
  options: Pick<DoorRequest, 'signal' | 'limit'>,
): Promise<{ version: number; shown: Set<TreeEntry> }> {
  const shown = new Set(entries);
  let version = 0;
  for (let first = 0; first < entries.length; first += MAX_DIFFERING_LINES) {
    const some = entries.slice(first, first + MAX_DIFFERING_LINES);
    const body = { pieces: linesOf(some), type: NDJSON_TYPE };
    const target = `/trees/${root}/differing`;
    const reply = await http.ask({ method: 'POST', target, body, ...options }, (answer) =>
      answer.json(differingReplySchema),
    );
    version = reply.version;
    for (const number of reply.differing) shown.delete(some[number]!);
  }
  return { version, shown };
}

function linesOf(entries: readonly TreeEntry[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < entries.length; at += LINES_PER_PIECE) {
    const lines = entries.slice(at, at + LINES_PER_PIECE).map((entry) => JSON.stringify(entry));
    pieces.push(Buffer.from(`${lines.join('\n')}\n`));
  }
  return pieces;
}
