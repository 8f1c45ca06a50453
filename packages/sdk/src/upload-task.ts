/** Sending a checked task: its four files to the config root, what the scene needs to the input root. */
import { confinedPath } from '@croft/contract';
import type { Analysis } from '@croft/dcc';
import type { MoveOptions, Mover, MoveTotals, OutgoingFile } from './mover.ts';
import type { WrittenTaskFiles } from './task-files.ts';

/**
 * Uploads configuration and assets; repeatable, only what the farm lacks travels. The configuration goes last, so a task
 * whose configuration is there has all its inputs.
 */
export async function uploadTask(
  mover: Mover,
  taskId: number,
  written: WrittenTaskFiles,
  upload: Analysis['upload'],
  options: MoveOptions = {},
): Promise<MoveTotals> {
  const assets = await mover.upload('input', outgoingFiles(upload), options);
  const config = written.map(({ name, file }) => ({ local: file, path: `/${taskId}/cfg/${name}` }));
  await mover.upload('config', config, options.signal ? { signal: options.signal } : {});
  return assets;
}

/** The files of upload.json, each path once; the last wins, as a tree would have it. */
export function outgoingFiles(upload: Analysis['upload']): OutgoingFile[] {
  const byPath = new Map<string, OutgoingFile>();
  for (const { local, server } of [...upload.scene, ...upload.asset]) {
    const path = confinedPath(server);
    byPath.set(path, { local, path });
  }
  return [...byPath.values()];
}
