/** Rate and time left of something that moves, over the last seconds, so that a pause shows and an old burst fades. */
import { type Clock, SECOND } from '@croft/contract';
import type { Movement } from './events.ts';
import type { MoveProgress } from './mover.ts';

const WINDOW_MS = 10 * SECOND;

/** Makes a function that adds rate and time left to each report of progress. */
export function movementMeter(clock: Clock): (progress: MoveProgress) => Movement {
  const marks: { atMs: number; bytes: number }[] = [];
  return (progress) => {
    const atMs = clock.now();
    marks.push({ atMs, bytes: progress.bytesDone });
    while (marks.length > 2 && atMs - marks[0]!.atMs > WINDOW_MS) marks.shift();
    const first = marks[0]!;
    const elapsedMs = atMs - first.atMs;
    const bytesPerSecond = elapsedMs > 0 ? ((progress.bytesDone - first.bytes) / elapsedMs) * SECOND : 0;
    const bytesLeft = progress.bytesTotal - progress.bytesDone;
    const msLeft = bytesPerSecond > 0 ? Math.round((bytesLeft / bytesPerSecond) * SECOND) : null;
    return { ...progress, bytesPerSecond: Math.round(bytesPerSecond), msLeft };
  };
}
