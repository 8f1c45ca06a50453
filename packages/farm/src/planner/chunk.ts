/**
 * How many frames go into one attempt. Starting an attempt costs an order, a look at the inputs and maybe a session, so
 * short frames are booked by the run; but what is booked to one node cannot be rendered by another, so long frames go
 * one by one and the end of a task is shared out evenly.
 */
import { SECOND } from '@croft/contract';

/** Work worth one attempt. */
const TARGET_MS = 3 * SECOND;
/** A guess for a segment whose frame time nobody knows: enough to hide the order behind if they are short. */
const FRAMES_BEFORE_KNOWN = 4;
/** Rows that one booking writes at most. */
export const MOST_FRAMES = 500;
/** Frames shorter than this are prefetched: the next attempt lies at the node before the running one ends. */
export const SHORT_FRAME_MS = 2 * SECOND;

/** `remaining`: frames that wait in the segment; `slots`: slots that could render them, busy or not. */
export function chunkSize(meanMs: number | null, remaining: number, slots: number): number {
  const share = slots <= 1 ? remaining : Math.ceil(remaining / (slots * 2));
  if (meanMs === null)
    return clamp(Math.min(FRAMES_BEFORE_KNOWN, Math.floor(remaining / Math.max(1, slots))));
  return clamp(Math.min(share, Math.floor(TARGET_MS / Math.max(1, meanMs))));
}

function clamp(frames: number): number {
  return Math.max(1, Math.min(MOST_FRAMES, frames));
}
