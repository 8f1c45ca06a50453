/** The API's FrameInfo object (compat-api, section 3.2). */
import type { FrameRow } from '@croft/contract';
import type { FrameFacts } from '@croft/farm';
import { schedulerId } from './task-info.ts';

export function frameInfo(
  frame: FrameRow & FrameFacts,
  task: { id: number; createdAt: number },
  now: number,
): Record<string, unknown> {
  const startedAt = frame.startedAt ?? 0;
  const usedMs = frame.startedAt === null ? 0 : (frame.endedAt ?? now) - frame.startedAt;
  const usedSec = Math.max(0, Math.round(usedMs / 1000));
  return {
    id: frame.id,
    userId: null,
    framePrice: null,
    feeType: null,
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
    feeAmount: 0,
    couponFee: 0,
    arrearsFee: 0,
    munuJobId: '0',
    munuTaskId: schedulerId(task.id, task.createdAt),
    taskId: task.id,
    recommitFlag: frame.restarts,
    isCopy: null,
    taskOverTime: 0,
    gopName: null,
    frameRam: null,
    averageCpu: 0,
    averageMemory: frame.peakMemoryBytes ?? 0,
    isOverTime: 0,
    overOneMonth: null,
    renderRam: null,
    nodeId: frame.node ?? '',
    openRenderRam: null,
  };
}
