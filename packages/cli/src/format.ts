/** Figures as people read them. */

import { GiB } from '@croft/contract';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** `1.4 MB`; decimal units, as disks are sold and file managers show them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 9.95 ? 1 : 0)} ${UNITS[unit]}`;
}

/** `1 file`, `12 files`. */
export function formatFiles(count: number): string {
  return `${count} ${count === 1 ? 'file' : 'files'}`;
}

/** `64 GB`; memory is sold in powers of two. */
export function formatMemory(bytes: number): string {
  return `${Math.round(bytes / GiB)} GB`;
}

/** `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Local date and time, `2026-11-20 14:03`; `-` for null. */
export function formatTime(ms: number | null): string {
  if (ms === null) return '-';
  const at = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Control characters, and those that turn the direction of the text around them. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text from outside (a scene's name, a reason, a node) without control characters, so that it cannot move the cursor,
 * colour the terminal, fake a line or read other than it is.
 */
export function safeText(text: string): string {
  return text.replace(UNSAFE, ' ');
}

/** The same for text of several lines: line ends and tabs stay. What printers let through to a terminal. */
export function safeLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (found) => (found === '\n' || found === '\t' ? found : ' '));
}

/** Rows under headings, columns two spaces apart, no trailing spaces. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [headings, ...rows.map((row) => row.map(safeText))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
