/**
 * The doors' side of the farm's records. An operation is written before it is carried out, with its nonce, in one commit.
 * What only adds to the picture (codes of answers, first uses of keys, refused signatures) is gathered and written
 * together a second later, so that a busy door costs one commit more a second, not one a call.
 */
import { type Clock, coerceError, DAY, type Log, MINUTE, SECOND } from '@croft/contract';
import type { Caller, FarmCalls, NonceProof, OperationEnd, OperationFacts, SignInNote } from '@croft/farm';

const WRITE_AFTER_MS = 1 * SECOND;
/** Beyond these, notes are dropped: only a flood of refused calls makes so many within a second. */
const MOST_WAITING = 2000;
const MOST_MARKS = 10_000;
const SUCCESS = 200;

/** Where a call came from, as records tell it. */
export interface CallPlace {
  readonly address: string;
  readonly userAgent: string;
  readonly traceId: string;
}

export interface Recorder {
  /** The record's number; null for a replay: then nothing may be carried out. */
  begin(facts: OperationFacts, proof: NonceProof | null): Promise<number | null>;
  /** What came of it. */
  end(end: OperationEnd): void;
  /** A key was used: recorded as a sign-in, once a day for each address. */
  keyUsed(accessId: string, caller: Caller, place: CallPlace): void;
  /** A known key was refused: recorded at most once a minute for each address and code. */
  keyRefused(accessId: string, caller: Caller, outcome: number, place: CallPlace): void;
  /** Writes what is waiting. */
  close(): Promise<void>;
}

type RecordCalls = Pick<FarmCalls, 'beginOperation' | 'endOperations' | 'noteSignIns'>;

export function createRecorder(calls: RecordCalls, clock: Clock, log: Log): Recorder {
  let ends: OperationEnd[] = [];
  let notes: SignInNote[] = [];
  const marks = new Set<string>();
  let writing: Promise<void> = Promise.resolve();
  let cancel: (() => void) | null = null;

  function wake(): void {
    cancel ??= clock.after(WRITE_AFTER_MS, () => {
      cancel = null;
      writing = writing.then(write);
    });
  }

  async function write(): Promise<void> {
    const [someEnds, someNotes] = [ends, notes];
    ends = [];
    notes = [];
    try {
      if (someEnds.length > 0) await calls.endOperations(someEnds);
      if (someNotes.length > 0) await calls.noteSignIns(someNotes);
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'codes of answers could not be added to the records');
    }
  }

  /** Whether this mark is new; the oldest is forgotten when there are too many, the farm then keeps them apart. */
  function isNew(mark: string): boolean {
    if (marks.has(mark)) return false;
    marks.add(mark);
    if (marks.size > MOST_MARKS) marks.delete(marks.values().next().value!);
    return true;
  }

  function note(mark: string, more: Omit<SignInNote, 'at' | 'once' | 'way'>): void {
    if (!isNew(mark) || notes.length >= MOST_WAITING) return;
    notes.push({ ...more, way: 'key', at: clock.now(), once: mark });
    wake();
  }

  return {
    begin: (facts, proof) => calls.beginOperation(facts, proof),
    end(end) {
      if (ends.length >= MOST_WAITING) return;
      ends.push(end);
      wake();
    },
    keyUsed(accessId, caller, place) {
      const day = Math.floor(clock.now() / DAY);
      note(`${accessId} ${day} ${place.address}`, { caller, outcome: SUCCESS, ...place });
    },
    keyRefused(accessId, caller, outcome, place) {
      const minute = Math.floor(clock.now() / MINUTE);
      note(`${accessId} ${minute} ${place.address} ${outcome}`, { caller, outcome, ...place });
    },
    async close() {
      cancel?.();
      cancel = null;
      writing = writing.then(write);
      await writing;
    },
  };
}
