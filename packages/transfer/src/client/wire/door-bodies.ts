/** What goes out to the transfer door and what comes back, as the calls of `DoorClient` need it. */
import { type BlobId, type TreeEntry, treeEntrySchema } from '@croft/contract';
import { DELTA_TYPE } from '../../delta/delta-body.ts';
import { transferErrors } from '../../errors.ts';
import { readNdjson } from '../../formats/ndjson.ts';
import type { DoorAnswer } from './door-answer.ts';

const BYTES_TYPE = 'application/octet-stream';
/** More entries than any farm's tree has: a bound against an endless answer. */
const MAX_ENTRIES = 5_000_000;

/** The bytes of a blob or part as they are to travel: themselves, or a delta of a base. */
export interface BlobContent {
  /** Of the blob or part, however it is told. */
  size: number;
  pieces: Uint8Array[];
  baseId?: BlobId | undefined;
}

export function contentBody({ pieces, baseId }: BlobContent) {
  return { pieces, type: baseId === undefined ? BYTES_TYPE : DELTA_TYPE, isContent: true };
}

export function queryOf(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return pieces;
}

/** Entries as they come, checked. */
export async function* entriesOf(answer: DoorAnswer): AsyncGenerator<TreeEntry> {
  for await (const line of answerLines(answer, MAX_ENTRIES)) {
    const parsed = treeEntrySchema.safeParse(line);
    if (!parsed.success)
      throw transferErrors.TRANSFER_ANSWER_INVALID(
        'the farm named a file in a way that is not in the protocol',
      );
    yield parsed.data;
  }
}

/** What a line of an answer names of what was asked. */
export function lineOf<Item>(asked: readonly Item[], line: unknown): Item {
  const item = typeof line === 'number' ? asked[line] : undefined;
  if (item === undefined) throw transferErrors.TRANSFER_ANSWER_INVALID('the farm wants what was not offered');
  return item;
}

/** An answer's lines. A list that is cut off breaks the connection's framing, so it is seen by `fetch`. */
export function answerLines(answer: DoorAnswer, maxLines: number): AsyncGenerator<unknown> {
  return readNdjson(answer.body(), maxLines);
}

export async function ignoreBody(answer: DoorAnswer): Promise<void> {
  for await (const _ of answer.body());
}
