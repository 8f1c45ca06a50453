import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional } from '../fields.ts';
import { LOG_PAGE_BYTES, logPage, pageIndex } from '../log-page.ts';

/**
 * Log of a frame's newest attempt in pages of 16 KiB; `total` and `size` are bytes. Pages count from 0; a page beyond the
 * end is empty. The SDK sends `id: null` where its caller names no frame: that log is empty.
 */
export const endpoint = defineEndpoint({
  name: 'showLog',
  paths: ['/api/render/handle/showLog'],
  mutates: false,
  request: z.object({ id: z.nullable(int), pageNum: optional(int) }),
  async handle({ id, pageNum }, { reads, attemptLogs, caller }) {
    const asked = Math.max(0, pageNum ?? 0);
    const attempt = id === null ? null : await reads.newestAttempt(caller.accountId, id);
    const total = attempt === null ? 0 : await attemptLogs.size(attempt.taskId, attempt.attemptId);
    const pageCount = Math.ceil(total / LOG_PAGE_BYTES);
    const index = pageIndex(asked, pageCount);
    const shown =
      attempt === null || index >= pageCount
        ? null
        : await logPage(index, (offset, length) =>
            attemptLogs.read(attempt.taskId, attempt.attemptId, offset, length),
          );
    return {
      pageCount,
      pageNum: asked,
      total,
      size: LOG_PAGE_BYTES,
      items: shown === null ? [] : shown.split(/\r?\n/),
    };
  },
});
