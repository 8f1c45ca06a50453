/** Progress events as words for people. */
import { formatBytes, formatDuration, formatFiles, safeText } from '../format.ts';
import type { Progress } from './printer.ts';

const LONGEST_BAR = 24;
/** A shorter one says nothing that the figures do not. */
const SHORTEST_BAR = 8;
/** What a bar has around it: `[`, `] 100%  `. */
const AROUND_BAR = 9;

/**
 * The line that says how far a phase is; null for events that are no measure of it. Where it leaves room in so many
 * columns, it has a bar.
 */
export function liveLine(event: Progress, columns = 0): string | null {
  if (event.state === 'started') return `${event.phase} …`;
  if (event.state === 'moving') {
    const parts = [
      `${event.filesDone}/${event.filesTotal} files`,
      `${formatBytes(event.bytesDone)} of ${formatBytes(event.bytesTotal)}`,
    ];
    if (event.bytesPerSecond > 0) parts.push(`${formatBytes(event.bytesPerSecond)}/s`);
    const share = event.bytesTotal === 0 ? null : event.bytesDone / event.bytesTotal;
    return withBar(event.phase, share, parts.concat(timeLeft(event.msLeft)), columns);
  }
  if (event.state === 'frames') {
    const { done, total, running, failed, waiting } = event.frames;
    const parts = [`${done}/${total} frames`, `${running} running`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (running === 0 && waiting > 0 && event.waitingFor[0]) parts.push(safeText(event.waitingFor[0]));
    return withBar(
      'render',
      total === 0 ? null : done / total,
      parts.concat(timeLeft(event.msLeft)),
      columns,
    );
  }
  return null;
}

/** `upload  [=====>    ]  43%  3/7 files  …` */
function withBar(phase: string, share: number | null, parts: readonly string[], columns: number): string {
  const figures = parts.join('  ');
  const room = columns - `${phase}  ${figures}`.length - AROUND_BAR;
  if (share === null || room < SHORTEST_BAR) return `${phase}  ${figures}`;
  const length = Math.min(room, LONGEST_BAR);
  const known = Math.min(1, Math.max(0, share));
  const filled = Math.floor(known * length);
  const bar = `${'='.repeat(filled)}${filled < length ? '>' : ''}`.padEnd(length);
  return `${phase}  [${bar}] ${`${Math.floor(known * 100)}%`.padStart(4)}  ${figures}`;
}

/** Makes a function that gives the lines that stay: that the task exists, and what may go wrong with it. */
export function lastingLines(): (event: Progress) => string[] {
  let scene = '';
  return (event) => {
    if (event.state === 'found') {
      const missing = event.missing > 0 ? `, ${event.missing} missing` : '';
      scene = `${event.app} scene, ${formatFiles(event.files)}, ${formatBytes(event.bytes)}${missing}`;
    }
    if (event.state !== 'created') return [];
    const warnings = event.warnings.map((warning) => `  warning: ${safeText(warning)}`);
    return [`task ${event.taskId}: ${scene}`, ...warnings];
  };
}

function timeLeft(msLeft: number | null): string[] {
  return msLeft === null ? [] : [`${formatDuration(msLeft)} left`];
}
