/**
 * Where test farms live: in memory where there is plenty of it. On a disk a farm waits for each commit, which is three
 * quarters of a test's time and tests nothing: no test cuts the power.
 */
import { statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { GiB } from '@croft/contract';

const IN_MEMORY = '/dev/shm';
const NEEDED_BYTES = 4 * GiB;

/** A folder for temporary farms; the system's own where there is none in memory. */
export function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return Math.min(bavail * bsize, freemem()) > NEEDED_BYTES ? IN_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
