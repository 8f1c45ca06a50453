/** Progress events as words for people. */
import { formatBytes, formatDuration, formatFiles, safeText } from '../format.ts';
import type { Progress } from './printer.ts';

/** The line that says how far a phase is; null for events that are no measure of it. */
export function liveLine(event: Progress): string | null {
  if (event.state === 'started') return `${event.phase} …`;
  if (event.state === 'moving') {
    const parts = [
      `${event.phase}  ${event.filesDone}/${event.filesTotal} files`,
      `${formatBytes(event.bytesDone)} of ${formatBytes(event.bytesTotal)}`,
    ];
    if (event.bytesPerSecond > 0) parts.push(`${formatBytes(event.bytesPerSecond)}/s`);
    return parts.concat(timeLeft(event.msLeft)).join('  ');
  }
  if (event.state === 'frames') {
    const { done, total, running, failed, waiting } = event.frames;
    const parts = [`render  ${done}/${total} frames`, `${running} running`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (running === 0 && waiting > 0 && event.waitingFor[0]) parts.push(safeText(event.waitingFor[0]));
    return parts.concat(timeLeft(event.msLeft)).join('  ');
  }
  return null;
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
