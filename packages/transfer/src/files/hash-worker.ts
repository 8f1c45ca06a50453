/** Worker thread of `HashPool`: one order after the other, with blocking calls, which cost a tenth of awaited ones. */
import { parentPort } from 'node:worker_threads';
import { ChunkRecords } from '../delta/chunker.ts';
import { type CutStretch, cutStretch, type StretchToCut } from '../delta/cut-file.ts';
import {
  type FileLook,
  hashRange,
  lookAt,
  lookForNames,
  type NamesToFind,
  type RangeToHash,
} from './read-files.ts';
import { type FilesToPack, type PackedFiles, packFiles } from './read-packs.ts';

export type HashOrder =
  | ({ kind: 'range' } & RangeToHash)
  | { kind: 'look'; paths: readonly string[] }
  | ({ kind: 'there' } & NamesToFind)
  | ({ kind: 'pack' } & FilesToPack)
  | ({ kind: 'cutFile' } & StretchToCut)
  | ({ kind: 'cutBytes' } & BytesToCut);

/** Bytes that begin where a chunk does; `areLast` where no others follow. */
export interface BytesToCut {
  memory: SharedArrayBuffer;
  length: number;
  areLast: boolean;
}

/** `used` bytes became chunks; the others must come again, with those that follow. */
export interface CutBytes {
  records: Uint8Array<ArrayBuffer>;
  used: number;
}

/** What each kind of order is answered with. */
export interface HashResults {
  range: string | null;
  look: FileLook[];
  there: Uint8Array;
  pack: PackedFiles;
  cutFile: CutStretch | null;
  cutBytes: CutBytes;
}

export type HashAnswer =
  | { result: HashResults[keyof HashResults] }
  | { failure: { message: string; code: string | undefined } };

function obey(order: HashOrder): HashResults[keyof HashResults] {
  if (order.kind === 'range') return hashRange(order);
  if (order.kind === 'look') return order.paths.map(lookAt);
  if (order.kind === 'there') return lookForNames(order);
  if (order.kind === 'pack') return packFiles(order);
  return order.kind === 'cutFile' ? cutStretch(order) : cutBytes(order);
}

function cutBytes({ memory, length, areLast }: BytesToCut): CutBytes {
  const records = new ChunkRecords();
  const used = records.cut(new Uint8Array(memory, 0, length), areLast);
  return { records: records.take(), used };
}

parentPort?.on('message', (order: HashOrder) => {
  let answer: HashAnswer;
  try {
    answer = { result: obey(order) };
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    answer = { failure: { message: error.message, code: error.code } };
  }
  parentPort?.postMessage(answer);
});
