/** Sets of frames as runs: picking the test frames out of a range, and taking them away from it. */
import { countFrames, type FrameRun, parseFrames } from '@croft/contract';
import { dccErrors } from '../../errors.ts';

const MOST_TEST_FRAMES = 100_000;

/**
 * Frames to render first, of `pre_frames`: three digits for the first, middle and last frame, and after `:` frames of the
 * user's choice (`000:1,3-4[1]`). Ascending, each once. Throws DCC_FRAMES_INVALID.
 */
export function testFramesOf(preFrames: string, runs: readonly FrameRun[]): number[] {
  const match = /^([01])([01])([01])(?::(.*))?$/s.exec(preFrames.trim());
  if (!match)
    throw dccErrors.DCC_FRAMES_INVALID(`"${preFrames.slice(0, 60)}" does not name test frames`, {
      hint: 'Write pre_frames as three digits 0 or 1 for the first, middle and last frame, and more after ":", as 100:5,8-9.',
    });
  const [, first, middle, last, chosen] = match;
  const frames = new Set<number>();
  const count = countFrames(runs);
  if (first === '1') frames.add(frameAt(runs, 0));
  if (middle === '1') frames.add(frameAt(runs, Math.floor((count - 1) / 2)));
  if (last === '1') frames.add(frameAt(runs, count - 1));
  const more = chosen ? parseFrames(chosen) : [];
  if (countFrames(more) > MOST_TEST_FRAMES)
    throw dccErrors.DCC_FRAMES_INVALID('there are too many test frames');
  for (const run of more) for (let frame = run.first; frame <= run.last; frame += run.step) frames.add(frame);
  return [...frames].sort((a, b) => a - b);
}

/** The frame at an ordinal of the runs. */
function frameAt(runs: readonly FrameRun[], ordinal: number): number {
  let left = ordinal;
  for (const run of runs) {
    const count = countFrames([run]);
    if (left < count) return run.first + left * run.step;
    left -= count;
  }
  return runs.at(-1)!.last;
}

/** Ascending frames as the fewest runs a greedy reading finds. */
export function runsOf(frames: readonly number[]): FrameRun[] {
  const runs: FrameRun[] = [];
  for (let at = 0; at < frames.length; ) {
    const first = frames[at]!;
    const step = at + 1 < frames.length ? frames[at + 1]! - first : 1;
    let end = at;
    while (end + 1 < frames.length && frames[end + 1]! - frames[end]! === step) end++;
    // Two frames far apart are two single frames, not a run.
    if (end === at + 1 && step > 1) end = at;
    runs.push({ first, last: frames[end]!, step: end === at ? 1 : step });
    at = end + 1;
  }
  return runs;
}

/** The runs without some frames, in their order. */
export function without(runs: readonly FrameRun[], frames: readonly number[]): FrameRun[] {
  return runs.flatMap((run) => {
    const gone = frames.filter(
      (frame) => frame >= run.first && frame <= run.last && (frame - run.first) % run.step === 0,
    );
    const rest: FrameRun[] = [];
    let first = run.first;
    for (const frame of gone) {
      if (frame > first) rest.push({ first, last: frame - run.step, step: run.step });
      first = frame + run.step;
    }
    if (first <= run.last) rest.push({ first, last: run.last, step: run.step });
    return rest.map((part) => (part.first === part.last ? { ...part, step: 1 } : part));
  });
}
