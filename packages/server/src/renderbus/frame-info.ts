/** The API's FrameInfo object (compat-api, section 3.2). */
import { DAY, type FrameRow, SECOND } from '@croft/contract';
import type { FrameFacts } from '@croft/farm';
import { schedulerId } from './task-info.ts';

/** What a frame's object says of its task. */
export interface FrameTask {
  readonly createdAt: number;
  readonly reminderSec: number;
  readonly ramGb: number | null;
}

const MONTH = 30 * DAY;

export function frameInfo(
  frame: FrameRow & FrameFacts,
  task: FrameTask,
  now: number,
): Record<string, unknown> {
  const startedAt = frame.startedAt ?? 0;
  const usedMs = frame.startedAt === null ? 0 : (frame.endedAt ?? now) - frame.startedAt;
  const longest = task.reminderSec * SECOND;
  const usedSec = Math.max(0, Math.round(usedMs / 1000));
  return {
    id: frame.id,
    userId: null,
    framePrice: frame.money.framePrice,
    feeType: frame.money.feeType,
    platform: null,
    frameIndex: frame.frameIndex,
    frameStatus: frame.status,
    frameStatusText: `task_frame_status_${frame.status}`,
    frameType: frame.frameType,
    frameBlock: frame.tiles > 1 ? String(frame.tile + 1) : '',
    startTime: startedAt,
    endTime: frame.endedAt ?? 0,
    frameExecuteTime: usedSec,
    currentRenderTime: frame.endedAt === null ? usedSec : 0,
    feeAmount: frame.money.feeAmount,
    couponFee: frame.money.couponFee,
    arrearsFee: frame.money.arrearsFee,
    munuJobId: '0',
    munuTaskId: schedulerId(frame.taskId, task.createdAt),
    taskId: frame.taskId,
    recommitFlag: frame.restarts,
    isCopy: null,
    taskOverTime: task.reminderSec,
    gopName: null,
    frameRam: task.ramGb,
    // Nodes do not measure it.
    averageCpu: 0,
    averageMemory: frame.peakMemoryBytes ?? 0,
    isOverTime: longest > 0 && usedMs > longest ? 1 : 0,
    overOneMonth: frame.endedAt !== null && now - frame.endedAt > MONTH ? 1 : 0,
    renderRam: task.ramGb,
    nodeId: frame.node ?? '',
    openRenderRam: null,
  };
}
