/**
 * Answers of calls that only look, kept while nothing has changed. Scripts poll the same lists again and again, and most of
 * a poll's cost is reading and writing out rows that are what they were. An answer holds as long as the store's version is
 * the one it was read at, and one second at most, since running times grow without a commit. Callers of the same answer at
 * the same moment wait for one reading.
 *
 * Who asks is part of the key, so nobody gets another account's answer; a right that is taken away is a commit, and ends
 * all that was kept before it. Memory is bounded by bytes; the answer that was longest not asked for goes first.
 */
import { type Clock, MiB, okEnvelope, type RequestContext, SECOND } from '@croft/contract';
import type { FarmReads } from '@croft/farm';

const KEPT_MS = 1 * SECOND;
const MOST_BYTES = 16 * MiB;
/** Where a longer one lies, it is made anew each time: one answer must not push out all others. */
const LONGEST_BYTES = 2 * MiB;

/** `data` of an answer as JSON text that is ready to be sent. */
export class JsonText {
  readonly bytes: Buffer;

  constructor(value: unknown) {
    this.bytes = Buffer.from(JSON.stringify(value ?? null));
  }
}

const NO_DATA = '"data":null';

/**
 * The envelope of a success around data that is text already, in pieces: it is put where the empty envelope has none, and
 * a long answer is copied nowhere.
 */
export function envelopeAround(data: JsonText, about: RequestContext): Buffer[] {
  const empty = JSON.stringify(okEnvelope(null, about));
  const end = empty.indexOf(NO_DATA) + NO_DATA.length;
  const head = empty.slice(0, end - 'null'.length);
  return [Buffer.from(head), data.bytes, Buffer.from(empty.slice(end))];
}

interface Kept {
  readonly version: number;
  readonly until: number;
  readonly answer: Promise<JsonText>;
  bytes: number;
}

export interface KeptAnswers {
  /** The answer to `question`, kept or made by `make`. Errors are not kept. */
  of(question: string, make: () => Promise<unknown>): Promise<JsonText>;
}

export function createKeptAnswers(reads: Pick<FarmReads, 'version'>, clock: Clock): KeptAnswers {
  const kept = new Map<string, Kept>();
  let bytes = 0;

  function forget(question: string): void {
    bytes -= kept.get(question)?.bytes ?? 0;
    kept.delete(question);
  }

  function weigh(question: string, entry: Kept, length: number): void {
    if (kept.get(question) !== entry) return;
    if (length > LONGEST_BYTES) {
      forget(question);
      return;
    }
    entry.bytes = length;
    bytes += length;
    for (const oldest of kept.keys()) {
      if (bytes <= MOST_BYTES) return;
      forget(oldest);
    }
  }

  return {
    async of(question, make) {
      // Asked before reading: what is committed meanwhile makes the answer old at once.
      const version = await reads.version();
      if (version === null) return new JsonText(await make());
      const found = kept.get(question);
      forget(question);
      if (found !== undefined && found.version === version && found.until > clock.now()) {
        kept.set(question, found);
        bytes += found.bytes;
        return found.answer;
      }
      const answer = make().then((data) => new JsonText(data));
      const entry: Kept = { version, until: clock.now() + KEPT_MS, answer, bytes: 0 };
      kept.set(question, entry);
      answer.then(
        (text) => weigh(question, entry, text.bytes.length),
        () => kept.get(question) === entry && forget(question),
      );
      return answer;
    },
  };
}
