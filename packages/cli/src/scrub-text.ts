/** What a scrub found, as people read it. */
import type { ScrubLine } from '@croft/contract';
import { formatBytes, formatDuration, safeText } from './format.ts';

type Found = Extract<ScrubLine, { kind: 'found' }>;
type End = Extract<ScrubLine, { kind: 'end' }>;

const USES_SHOWN = 5;

export function foundText({ what, id, size, uses, hasMore }: Found): string {
  const lines = uses.slice(0, USES_SHOWN).map(({ accountName, root, path, taskId }) => {
    const task = taskId === null ? '' : `, task ${taskId}`;
    return `  ${safeText(accountName)}: ${root} ${safeText(path)}${task}`;
  });
  const more = uses.length > USES_SHOWN || hasMore ? ['  … and more'] : [];
  return [`${what}: ${id} (${formatBytes(size)})`, ...lines, ...more].join('\n');
}

export function endText({ blobs, bytes, damaged, lost, unneeded, elapsedMs }: Omit<End, 'kind'>): string {
  const read = `read ${blobs} blobs, ${formatBytes(bytes)} in ${formatDuration(elapsedMs)}`;
  const rest = unneeded === 0 ? '' : `, and ${unneeded} that nobody needs any more`;
  if (damaged + lost === 0) return `${read}: all well${rest}`;
  return [
    `${read}: ${damaged} damaged, ${lost} lost${rest}`,
    'inputs are healed by uploading the same files again, frames by "croft retry" or a restart of the frames',
  ].join('\n');
}
