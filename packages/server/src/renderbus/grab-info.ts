/** One block of a frame as loadTaskProcessImg shows it (compat-api, endpoint 33): every value is text, and only `frameBlock` may be null. */
import { FRAME_STATUS, type FrameRow } from '@croft/contract';
import type { FrameFacts } from '@croft/farm';
import { NEUTRAL_PICTURE_PATH } from '../http/neutral-picture.ts';
import { frameFees } from './frame-fees.ts';
import type { LocalTimes } from './local-times.ts';

const SECOND_MS = 1000;

export interface GrabInfo {
  startTime: string;
  endTime: string;
  frameStatus: string;
  isMaxPrice: string;
  feeAmount: string;
  couponFee: string;
  frameIndex: string;
  frameBlock: string | null;
  framePercent: string;
  frameUsed: string;
  frameEst: string;
  renderInfo: string;
  grabUrl: string;
}

/** One list a frame, in it its blocks in their order. `now`: milliseconds since 1970. */
export function grabInfos(
  frames: readonly (FrameRow & FrameFacts)[],
  now: number,
  times: LocalTimes,
): GrabInfo[][] {
  const dearest = Math.max(0, ...frames.map((frame) => Number(frameFees(frame).feeAmount)));
  const byFrame = Map.groupBy(frames, (frame) => `${frame.taskId} ${frame.frameIndex}`);
  return [...byFrame.values()].map((blocks) => blocks.map((block) => grabInfo(block, dearest, now, times)));
}

function grabInfo(frame: FrameRow & FrameFacts, dearest: number, now: number, times: LocalTimes): GrabInfo {
  const usedSec = usedSeconds(frame, now);
  const fees = frameFees(frame);
  return {
    startTime: timeText(frame.startedAt, times),
    endTime: timeText(frame.endedAt, times),
    frameStatus: String(frame.status),
    isMaxPrice: dearest > 0 && Number(fees.feeAmount) === dearest ? '1' : '0',
    ...fees,
    frameIndex: frame.frameIndex,
    frameBlock: frame.tiles > 1 ? String(frame.tile + 1) : null,
    framePercent: String(Math.floor(frame.percent)),
    frameUsed: String(usedSec),
    frameEst: String(estimatedSeconds(frame, usedSec)),
    renderInfo: frame.failure?.reason ?? (frame.status === FRAME_STATUS.started ? (frame.node ?? '') : ''),
    grabUrl: frame.thumbnail ?? NEUTRAL_PICTURE_PATH,
  };
}

function usedSeconds({ startedAt, endedAt }: FrameRow, now: number): number {
  return startedAt === null ? 0 : Math.max(0, Math.round(((endedAt ?? now) - startedAt) / SECOND_MS));
}

/** Seconds that are left if the rest goes as the part so far; 0 for a frame that does not render or tells no progress. */
function estimatedSeconds(frame: FrameRow, usedSec: number): number {
  if (frame.status !== FRAME_STATUS.started || frame.percent <= 0) return 0;
  return Math.round((usedSec * Math.max(0, 100 - frame.percent)) / frame.percent);
}

/** Nothing has no time: empty, since every value is text. */
export function timeText(ms: number | null, times: LocalTimes): string {
  return ms === null ? '' : times.textOf(ms);
}
