/** Messages of nodes from their text: hostile until they are checked. */
import { type FromNode, fromNodeSchema } from '@croft/contract';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';

/** A message that says it is a report, and which one, but has not the form of one. */
export interface UnreadableReport {
  readonly type: 'unreadable-report';
  readonly seq: number;
  readonly attemptId: number | null;
  readonly cause: Error;
}

const anyReportSchema = z.object({
  type: z.literal('report'),
  seq: z.int().nonnegative(),
  report: z.object({ attemptId: z.int().nonnegative().nullable().catch(null) }).catch({ attemptId: null }),
});

/** Throws NODE_LINK_PROTOCOL for what is neither a message nor a report that can be refused by its number. */
export function nodeMessage(text: string): FromNode | UnreadableReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw serverErrors.NODE_LINK_PROTOCOL('a message is not JSON', { cause });
  }
  const result = fromNodeSchema.safeParse(value);
  if (!result.success) {
    const report = anyReportSchema.safeParse(value);
    if (report.success) {
      const { seq, report: about } = report.data;
      return { type: 'unreadable-report', seq, attemptId: about.attemptId, cause: result.error };
    }
    throw serverErrors.NODE_LINK_PROTOCOL('a message does not have the form of the node link', {
      cause: result.error,
    });
  }
  return result.data;
}
