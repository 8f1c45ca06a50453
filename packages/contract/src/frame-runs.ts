/**
 * Frame expressions: `1-10[1]`, `0`, `-5-5[2]`, `1-10[2],20,30-32`. Grammar of the API: `start-end[step]`, comma
 * separated; a missing step is 1. Frame numbers are integers from -1,048,574 to 1,048,574, the range of the widest app.
 */
import { defineErrors, EXIT } from './croft-error.ts';

export const frameErrors = defineErrors({
  FRAMES_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.usage,
    hint: 'Write frames as 1-10, 1-10[2] or 5, several separated by commas.',
  },
});

/** Frame numbers first, first + step, … up to last at most. */
export interface FrameRun {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const RUN = /^(-?\d{1,15})(?:-(-?\d{1,15})(?:\[(\d{1,15})\])?)?$/;
const LARGEST_FRAME = 1_048_574;
const MOST_RUNS = 100_000;

/** Parses an expression; throws FRAMES_INVALID with the part that is wrong. Runs keep their order, may not overlap. */
export function parseFrames(expression: string): FrameRun[] {
  const parts = expression.split(',');
  if (parts.length > MOST_RUNS) throw frameErrors.FRAMES_INVALID('the frame list has too many parts');
  const runs = parts.map((part) => parseRun(part.trim()));
  refuseOverlap(runs);
  return runs;
}

function parseRun(part: string): FrameRun {
  const match = RUN.exec(part);
  if (!match) throw frameErrors.FRAMES_INVALID(`"${part.slice(0, 60)}" is no frame or range of frames`);
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  const step = match[3] === undefined ? 1 : Number(match[3]);
  if (Math.abs(first) > LARGEST_FRAME || Math.abs(last) > LARGEST_FRAME) {
    throw frameErrors.FRAMES_INVALID(`"${part}" is beyond frame ${LARGEST_FRAME}`);
  }
  if (last < first) throw frameErrors.FRAMES_INVALID(`"${part}" ends before it starts`);
  if (step < 1) throw frameErrors.FRAMES_INVALID(`"${part}" has a step of 0`);
  return { first, last: first + Math.floor((last - first) / step) * step, step };
}

/**
 * Exact, and bounded whatever the runs are: spans that lie apart are told by sorting; where spans cross, each frame is
 * ticked off in a bit map, and since frames are limited in number, the first double comes after 2.1 million ticks at most.
 */
function refuseOverlap(runs: readonly FrameRun[]): void {
  const sorted = [...runs].sort((a, b) => a.first - b.first);
  let lastSoFar = Number.NEGATIVE_INFINITY;
  let apart = true;
  for (const run of sorted) {
    if (run.first <= lastSoFar) apart = false;
    lastSoFar = Math.max(lastSoFar, run.last);
  }
  const lowest = sorted[0]?.first;
  if (apart || lowest === undefined) return;
  const ticked = new Uint8Array(Math.ceil((lastSoFar - lowest + 1) / 8));
  for (const run of runs) {
    for (let frame = run.first; frame <= run.last; frame += run.step) {
      const at = frame - lowest;
      const bit = 1 << (at & 7);
      const byte = ticked[at >> 3] ?? 0;
      if (byte & bit) throw frameErrors.FRAMES_INVALID(`frame ${frame} is asked for twice`);
      ticked[at >> 3] = byte | bit;
    }
  }
}

/** Number of frames in the runs. */
export function countFrames(runs: readonly FrameRun[]): number {
  return runs.reduce((sum, run) => sum + Math.floor((run.last - run.first) / run.step) + 1, 0);
}

/** The expression in the API's long form: `1-10[1]`, a single frame as `5`. */
export function formatFrames(runs: readonly FrameRun[]): string {
  return runs
    .map(({ first, last, step }) => (first === last ? `${first}` : `${first}-${last}[${step}]`))
    .join(',');
}
