/** Worker thread of `HashPool`: hashes byte ranges of files, one at a time, through one fixed buffer. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

export interface HashJob {
  job: number;
  path: string;
  offset: number;
  length: number;
}
/** `hex` is null when the file ended before the range did. */
export type HashAnswer =
  | { job: number; hex: string | null }
  | { job: number; failure: { message: string; code: string | undefined } };

const CHUNK_BYTES = 1024 * 1024;
const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);

function hashRange({ path, offset, length }: HashJob): string | null {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    let done = 0;
    while (done < length) {
      const read = readSync(file, buffer, 0, Math.min(CHUNK_BYTES, length - done), offset + done);
      if (read === 0) return null;
      hash.update(buffer.subarray(0, read));
      done += read;
    }
    return hash.digest('hex');
  } finally {
    closeSync(file);
  }
}

parentPort?.on('message', (wish: HashJob) => {
  let answer: HashAnswer;
  try {
    answer = { job: wish.job, hex: hashRange(wish) };
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    answer = { job: wish.job, failure: { message: error.message, code: error.code } };
  }
  parentPort?.postMessage(answer);
});
