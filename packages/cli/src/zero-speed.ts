/**
 * CROFT_STALL_SECONDS: how long no byte of a transfer may move before its connection counts as dead and is made anew. 15
 * where it is not set; a minute at most, since a farm lets go of a silent sender soon after that.
 */
import { SECOND } from '@croft/contract';
import type { Environment } from './environment.ts';

const MOST_SECONDS = 60;

/** Milliseconds; undefined where nothing is said, null for what is no such number. */
export function zeroSpeedMs({ CROFT_STALL_SECONDS: text }: Environment): number | undefined | null {
  if (!text) return undefined;
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= MOST_SECONDS ? seconds * SECOND : null;
}
