/** The question with which an upload of unchanged files begins, and mostly ends. */
import {
  CroftError,
  differingReplySchema,
  MAX_DIFFERING_LINES,
  type TreeEntry,
  type TreeRoot,
} from '@croft/contract';
import { NDJSON_TYPE } from '../../formats/ndjson.ts';
import type { DoorHttp } from './door-http.ts';
import type { DoorRequest } from './door-request.ts';

const LINES_PER_PIECE = 500;
/** What farms answer that do not know the question, or take fewer lines; whatever else stands before a farm has no body for it. */
const UNKNOWN_STATUS = new Set([404, 405, 413, 501]);

/** `version` shows what does not differ; null where the farm was not asked, or does not answer this. */
export interface Differing {
  version: number | null;
  /** Indexes of the entries that the tree does not show exactly so, or whose bytes are gone; in no order. */
  differing: Set<number>;
}

export class ShownQuestion {
  readonly #http: DoorHttp;
  #isKnown = true;

  constructor(http: DoorHttp) {
    this.#http = http;
  }

  /** A farm that does not know the question shows nothing, as far as anybody can tell; it is not asked again. */
  async ask(
    root: TreeRoot,
    entries: readonly TreeEntry[],
    options: Pick<DoorRequest, 'signal' | 'limit'>,
  ): Promise<Differing> {
    const differing = new Set<number>();
    let version: number | null = null;
    try {
      for (let first = 0; this.#isKnown && first < entries.length; first += MAX_DIFFERING_LINES) {
        const some = entries.slice(first, first + MAX_DIFFERING_LINES);
        const reply = await this.#askOnce(root, some, options);
        version = reply.version;
        for (const number of reply.differing) differing.add(first + number);
      }
    } catch (thrown) {
      if (!isUnknown(thrown)) throw thrown;
      this.#isKnown = false;
    }
    return this.#isKnown ? { version, differing } : { version: null, differing: new Set(entries.keys()) };
  }

  #askOnce(root: TreeRoot, some: readonly TreeEntry[], options: Pick<DoorRequest, 'signal' | 'limit'>) {
    const body = { pieces: linesOf(some), type: NDJSON_TYPE };
    const target = `/trees/${root}/differing`;
    return this.#http.ask({ method: 'POST', target, body, ...options }, (answer) =>
      answer.json(differingReplySchema),
    );
  }
}

function isUnknown(thrown: unknown): boolean {
  if (!(thrown instanceof CroftError)) return false;
  return UNKNOWN_STATUS.has(thrown.status) || thrown.code === 'TRANSFER_ANSWER_INVALID';
}

function linesOf(entries: readonly TreeEntry[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < entries.length; at += LINES_PER_PIECE) {
    const lines = entries.slice(at, at + LINES_PER_PIECE).map((entry) => JSON.stringify(entry));
    pieces.push(Buffer.from(`${lines.join('\n')}\n`));
  }
  return pieces;
}
