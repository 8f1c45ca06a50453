import { confinedPath } from '@croft/contract';
import type { FolderEntry } from '@croft/farm';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';
import type { LocalTimes } from '../local-times.ts';

/** The call has no pages; a folder with more names than this is listed up to here. */
const MOST_NAMES = 50_000;
/** A folder's time is the newest among as many of its names. */
const MOST_TIMES = 500;

/** Lists one folder of the output root; with `taskId`, the top folder of that task only, whatever `treePath` says. */
export const endpoint = defineEndpoint({
  name: 'getOutputUserDirFile',
  paths: ['/api/render/file/operate/getOutputUserDirFile'],
  mutates: false,
  request: z.object({ treePath: optional(text), taskId: optional(int) }),
  async handle({ treePath = '/', taskId }, { reads, caller, localTimes }) {
    if (taskId !== undefined) {
      const [task] = await reads.taskInfos(caller.accountId, [taskId]);
      if (task === undefined || task.outputName === null) return [];
      const owing = await reads.outputsInArrears(task.accountId);
      // A task of the team lies in the root of its owner.
      const inside = await reads.treeFolder(
        { accountId: task.accountId, root: 'output' },
        `/${task.outputName}`,
        MOST_TIMES,
      );
      if (inside.length === 0) return [];
      const mtimeMs = Math.max(...inside.map((entry) => entry.mtimeMs));
      return [row('', { name: task.outputName, size: null, mtimeMs }, owing, localTimes)];
    }
    const folder = treePath.replace(/\/+$/, '') === '' ? '' : confinedPath(treePath.replace(/\/+$/, ''));
    const tree = { accountId: caller.accountId, root: 'output' } as const;
    const entries = await reads.treeFolder(tree, folder === '' ? '/' : folder, MOST_NAMES);
    const owing = await reads.outputsInArrears(caller.accountId);
    return entries.map((entry) => row(folder, entry, owing, localTimes));
  },
});

/** `owing`: output folders of tasks that are not paid for in full. */
function row(
  folder: string,
  { name, size, mtimeMs }: FolderEntry,
  owing: ReadonlySet<string>,
  times: LocalTimes,
) {
  const dot = name.lastIndexOf('.');
  const [, topFolder = ''] = `${folder}/${name}`.split('/');
  return {
    fileName: name,
    fileSize: size,
    iconPath: null,
    lastModify: times.textOf(mtimeMs),
    fileType: size === null || dot <= 0 ? null : name.slice(dot + 1),
    filePath: `${folder}/${name}`,
    directory: size === null,
    // A mark only: results are given out whether or not their account owes money.
    isArrears: owing.has(topFolder) ? 1 : 0,
  };
}
