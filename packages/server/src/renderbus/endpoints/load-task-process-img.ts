import { FRAME_STATUS } from '@croft/contract';
import type { FarmReads } from '@croft/farm';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';
import { grabInfos, timeText } from '../grab-info.ts';

const PHOTON = 2;
const MAIN = 5;
/** Frame types of the API: photon and merging photons; everything else makes pictures. */
const PHOTON_TYPES = [2, 3];
const PICTURE_TYPES = [1, 4, 5, 6, 7, 8, 9];
const UNFINISHED = [FRAME_STATUS.waiting, FRAME_STATUS.started];
/** Nobody looks at more at once; further ones are on further pages. */
const MOST_FRAMES = 1000;

/**
 * How far a task's pictures are, with a picture of each frame: its thumbnail, or a neutral one while there is none.
 * `frameType` 2 means photon frames, 5 pictures; without it the stage decides. Works for every app. Beyond the documented
 * fields, `pageNum` and `pageSize` (at most 1,000, the default) choose among many frames.
 */
export const endpoint = defineEndpoint({
  name: 'loadTaskProcessImg',
  paths: ['/api/render/handle/loadTaskProcessImg', '/api/render/task/loadTaskProcessImg'],
  mutates: false,
  request: z.object({
    taskId: int,
    frameType: optional(int.pipe(z.union([z.literal(PHOTON), z.literal(MAIN)]))),
    pageNum: optional(int.pipe(z.number().min(1))),
    pageSize: optional(int.pipe(z.number().min(1).max(MOST_FRAMES))),
  }),
  async handle(
    { taskId, frameType, pageNum = 1, pageSize = MOST_FRAMES },
    { reads, caller, now, localTimes },
  ) {
    const task = await reads.task(caller.accountId, taskId);
    const isPhoton = (frameType ?? (await stageOf(reads, caller.accountId, taskId))) === PHOTON;
    const frames = await reads.frames(caller.accountId, taskId, {
      page: pageNum,
      size: pageSize,
      frameTypes: isPhoton ? PHOTON_TYPES : PICTURE_TYPES,
    });
    const picture = await reads.taskPicture(caller.accountId, taskId);
    const endTime = timeText(task.endedAt, localTimes);
    return {
      width: picture?.width ?? 0,
      height: picture?.height ?? 0,
      block: frames.items[0]?.tiles ?? 1,
      isRenderPhoton: isPhoton,
      currentTaskType: isPhoton ? 'RenderPhoton' : 'Render',
      sceneName: picture?.camera ? `${task.sceneName}-${picture.camera}` : task.sceneName,
      startTime: timeText(task.startedAt, localTimes),
      // The documents name it endTime, their example completedTime.
      endTime,
      completedTime: endTime,
      grabInfo: grabInfos(frames.items, now, localTimes),
    };
  },
});

/** Photon frames come first: while some of them are not over, they are what is going on. */
async function stageOf(reads: FarmReads, accountId: number, taskId: number): Promise<number> {
  const open = await reads.frames(accountId, taskId, {
    page: 1,
    size: 1,
    frameTypes: PHOTON_TYPES,
    statuses: UNFINISHED,
  });
  return open.total > 0 ? PHOTON : MAIN;
}
