/** Worker thread of `HashPool`: one order after the other, with blocking calls, which cost a tenth of awaited ones. */
import { parentPort } from 'node:worker_threads';
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
  | ({ kind: 'pack' } & FilesToPack);

/** What each kind of order is answered with. */
export interface HashResults {
  range: string | null;
  look: FileLook[];
  there: Uint8Array;
  pack: PackedFiles;
}

export type HashAnswer =
  | { result: HashResults[keyof HashResults] }
  | { failure: { message: string; code: string | undefined } };

function obey(order: HashOrder): HashResults[keyof HashResults] {
  if (order.kind === 'range') return hashRange(order);
  if (order.kind === 'look') return order.paths.map(lookAt);
  if (order.kind === 'there') return lookForNames(order);
  return packFiles(order);
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
