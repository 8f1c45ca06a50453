/** A listing as people read it. */
import type { FileList } from '@croft/contract';
import { formatBytes, formatTable, formatTime } from './format.ts';

export function shownList({ items, files, bytes, next, path }: FileList): string {
  const sum = `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} in all`;
  if (items.length === 0) return files === 0 ? `nothing is stored at ${path}` : sum;
  const rows = items.map((row) => [
    formatBytes(row.bytes).padStart(8),
    row.isFolder ? String(row.files) : '',
    formatTime(row.mtimeMs),
    row.isFolder ? `${row.name}/` : row.name,
  ]);
  const table = formatTable(['size', 'files', 'newest', 'name'], rows);
  const more = next === null ? [] : [`… more; --after ${JSON.stringify(next)} goes on`];
  return [table, sum, ...more].join('\n');
}
