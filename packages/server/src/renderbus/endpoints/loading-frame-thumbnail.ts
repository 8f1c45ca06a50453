import type { FarmReads } from '@croft/farm';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';

const PAGE = 1000;

/** Paths of a finished frame's pictures, fetched from this server; none for a frame that is not finished. */
export const endpoint = defineEndpoint({
  name: 'loadingFrameThumbnail',
  paths: ['/api/render/handle/loadingFrameThumbnail', '/api/render/task/loadingFrameThumbnail'],
  mutates: false,
  request: z.object({ id: int, frameStatus: optional(int) }),
  async handle({ id }, { reads, caller }) {
    const attempt = await reads.newestAttempt(caller.accountId, id);
    if (attempt === null) return [];
    const thumbnail = await thumbnailOf(reads, caller.accountId, attempt.taskId, id);
    return thumbnail === null ? [] : [thumbnail];
  },
});

/** Ids of a task's frames rise with their place, so the first page tells on which page a frame is. */
async function thumbnailOf(
  reads: FarmReads,
  accountId: number,
  taskId: number,
  frameId: number,
): Promise<string | null> {
  const pageAt = (page: number) => reads.frames(accountId, taskId, { page, size: PAGE });
  const first = await pageAt(1);
  const base = first.items[0]?.id;
  if (base === undefined || frameId < base) return null;
  const near = first.items.find((frame) => frame.id === frameId);
  if (near) return near.thumbnail;
  const { items } = await pageAt(Math.floor((frameId - base) / PAGE) + 1);
  return items.find((frame) => frame.id === frameId)?.thumbnail ?? null;
}
