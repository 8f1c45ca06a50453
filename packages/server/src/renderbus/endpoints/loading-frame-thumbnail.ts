import { FRAME_STATUS } from '@croft/contract';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';

/** Paths of a finished frame's pictures, fetched from this server; none for a frame that is not finished. */
export const endpoint = defineEndpoint({
  name: 'loadingFrameThumbnail',
  paths: ['/api/render/handle/loadingFrameThumbnail', '/api/render/task/loadingFrameThumbnail'],
  mutates: false,
  request: z.object({ id: int, frameStatus: optional(int) }),
  async handle({ id, frameStatus }, { reads, caller }) {
    const thumbnails = await reads.frameThumbnails(caller.accountId, id);
    return frameStatus === undefined || frameStatus === FRAME_STATUS.done ? thumbnails : [];
  },
});
