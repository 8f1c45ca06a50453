import { confinedPath, type TreeEntry } from '@croft/contract';
import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, text } from '../fields.ts';
import type { LocalTimes } from '../local-times.ts';

/** Lists one folder of the output root; with `taskId`, the top folder of that task only. */
export const endpoint = defineEndpoint({
  name: 'getOutputUserDirFile',
  paths: ['/api/render/file/operate/getOutputUserDirFile'],
  mutates: false,
  request: z.object({ treePath: optional(text), taskId: optional(int) }),
  async handle({ treePath, taskId }, { reads, caller, localTimes }) {
    const asked = treePath ?? '/';
    const folder = asked === '/' || taskId !== undefined ? '' : confinedPath(asked.replace(/\/+$/, ''));
    let only: string | null = null;
    if (taskId !== undefined) {
      only = (await reads.task(caller.accountId, taskId)).outputName;
      if (only === null) return [];
    }
    const prefix = only === null ? folder : `/${only}`;
    const entries = reads.treeEntries(
      { accountId: caller.accountId, root: 'output' },
      prefix === '' ? '/' : prefix,
    );
    return await listFolder(entries, folder, localTimes);
  },
});

/** Names right below `folder` ('' is the root): files as they are, deeper paths as one folder each. */
async function listFolder(entries: AsyncIterable<TreeEntry>, folder: string, times: LocalTimes) {
  const rows = new Map<string, ReturnType<typeof row>>();
  for await (const entry of entries) {
    if (!entry.path.startsWith(`${folder}/`)) continue;
    const rest = entry.path.slice(folder.length + 1);
    const slash = rest.indexOf('/');
    const name = slash < 0 ? rest : rest.slice(0, slash);
    if (!rows.has(name))
      rows.set(name, row(folder, name, slash < 0 ? entry : null, times.textOf(entry.mtimeMs)));
  }
  return [...rows.values()];
}

function row(folder: string, fileName: string, file: TreeEntry | null, lastModify: string) {
  const dot = fileName.lastIndexOf('.');
  return {
    fileName,
    fileSize: file === null ? null : file.size,
    iconPath: null,
    lastModify,
    fileType: file === null || dot <= 0 ? null : fileName.slice(dot + 1),
    filePath: `${folder}/${fileName}`,
    directory: file === null,
    isArrears: 0,
  };
}
