import type { FrameRow } from '@croft/contract';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

const FRAMES_SHOWN = 200;

export const task: CommandSpec = {
  usage: 'task <id>',
  group: 'Look',
  summary: 'show a task: progress, frames, failures, and why it waits',
  options: [['--results', 'with the published files'], ...FARM_OPTIONS],
  examples: [
    ['croft task 1024', 'everything about task 1024'],
    ["croft task 1024 --json | jq '.failures'", 'what failed, for a script'],
  ],
  exits: [[8, 'there is no such task']],
  async run(context, line) {
    const taskId = line.taskId(0);
    const [session, format, { frameStatusName, statusName }] = await Promise.all([
      context.session(),
      import('../format.ts'),
      import('../status-names.ts'),
    ]);
    const [detail, frames, results] = await Promise.all([
      session.native.task(taskId),
      session.native.frames(taskId, 1, FRAMES_SHOWN),
      line.flag('results') ? Array.fromAsync(session.native.allResults(taskId)) : null,
    ]);
    const found = { ...detail, frameRows: frames.items, ...(results && { results }) };
    context.printer.result(found, () => {
      const { safeText, formatTime, formatTable } = format;
      const { done, total, running, failed, stopped, waiting } = detail.frames;
      const lines = [
        `task ${detail.id}  ${safeText(detail.sceneName)}  ${statusName(detail.status)}`,
        `frames     ${detail.framesRange}: ${done} of ${total} done, ${running} running, ${waiting} waiting, ${failed} failed, ${stopped} stopped`,
        `app        ${safeText([detail.app, detail.appVersion].filter(Boolean).join(' '))}`,
        `submitted  ${formatTime(detail.submittedAt)}   started ${formatTime(detail.startedAt)}   ended ${formatTime(detail.endedAt)}`,
      ];
      if (detail.labels.length > 0)
        lines.push(`labels     ${safeText(detail.labels.map(({ name }) => name).join(', '))}`);
      if (detail.layerName !== '') lines.push(`layer      ${safeText(detail.layerName)}`);
      if (detail.parentId !== 0) lines.push(`part of    task ${detail.parentId}`);
      if (detail.childIds.length > 0) lines.push(`parts      tasks ${detail.childIds.join(', ')}`);
      if (detail.clonedFrom !== 0) lines.push(`clone of   task ${detail.clonedFrom}`);
      if (detail.nodeLimit !== null) lines.push(`limit      ${detail.nodeLimit} nodes at a time`);
      if (detail.isOverTime) lines.push('over time  it renders for longer than its reminder time');
      for (const reason of detail.waitingFor) lines.push(`waits: ${safeText(reason)}`);
      for (const failure of detail.failures) {
        lines.push(`failed: frame ${failure.frame}, ${failure.code}: ${safeText(failure.reason)}`);
      }
      if (frames.items.length > 0) {
        const isFamily = detail.childIds.length > 0;
        const rows = frames.items.map((row) => [
          ...(isFamily ? [String(row.taskId ?? '')] : []),
          row.frame,
          frameStatusName(row.status),
          percentOf(row),
          row.node ?? '-',
          row.startedAt !== null && row.endedAt !== null
            ? format.formatDuration(row.endedAt - row.startedAt)
            : '-',
          row.failure ? `${row.failure.code}: ${row.failure.reason}` : '',
        ]);
        lines.push(
          '',
          formatTable(
            [...(isFamily ? ['task'] : []), 'frame', 'status', 'progress', 'node', 'time', ''],
            rows,
          ),
        );
        if (frames.total > frames.items.length) lines.push(`… ${frames.total} frames in all`);
      }
      if (results && results.length > 0) {
        const files = results.map((row) => [row.path, row.kind, format.formatBytes(row.size)]);
        lines.push('', formatTable(['file', 'kind', 'size'], files));
      }
      return lines.join('\n');
    });
    return undefined;
  },
};

function percentOf(row: FrameRow): string {
  return `${Math.round(row.percent)} %`;
}
