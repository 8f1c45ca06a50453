import { KiB } from '@croft/contract';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';

/** Pages of a log are byte ranges of this size. */
const PAGE_BYTES = 16 * KiB;

/**
 * Log of a frame's newest attempt; `total` and `size` are bytes. Pages count from 0 by the documents, but the SDK's
 * default is 1: where a log has one page only, both numbers mean it.
 */
export const endpoint = defineEndpoint({
  name: 'showLog',
  paths: ['/api/render/handle/showLog'],
  mutates: false,
  request: z.object({ id: int, pageNum: optional(int) }),
  async handle({ id, pageNum }, { reads, attemptLogs, caller }) {
    const asked = Math.max(0, pageNum ?? 0);
    const attempt = await reads.newestAttempt(caller.accountId, id);
    const total = attempt === null ? 0 : await attemptLogs.size(attempt.taskId, attempt.attemptId);
    const pageCount = Math.ceil(total / PAGE_BYTES);
    const index = pageCount === 1 && asked === 1 ? 0 : asked;
    const bytes =
      attempt === null || index >= pageCount
        ? null
        : await attemptLogs.read(attempt.taskId, attempt.attemptId, index * PAGE_BYTES, PAGE_BYTES);
    return {
      pageCount,
      pageNum: asked,
      total,
      size: PAGE_BYTES,
      items: bytes === null ? [] : bytes.toString('utf8').split(/\r?\n/),
    };
  },
});
