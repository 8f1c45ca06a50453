/** GET /files: what is stored, folder by folder; and POST /scrub, which reads all of it. */
import {
  confinedPath,
  FILE_ROWS_MOST,
  type FileList,
  type FileRow,
  fileListSchema,
  scrubWishSchema,
  TREE_ROOTS,
  type TreeRoot,
} from '@croft/contract';
import type { FolderPage, FolderSums, TreeRef } from '@croft/farm';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';
import type { DoorParts } from '../ports.ts';
import type { NativeCaller } from './authenticate.ts';
import { defineRoute, type NativeRoute } from './route.ts';
import { sendScrub } from './send-scrub.ts';

const query = z.object({
  root: z.enum(TREE_ROOTS).default('input'),
  path: z.string().min(1).max(4096).default('/'),
  /** Of a task the paths below its own folder; then `root` means nothing. */
  task: z.coerce.number().int().nonnegative().optional(),
  after: z.string().max(4096).default(''),
  limit: z.coerce.number().int().min(1).max(FILE_ROWS_MOST).default(FILE_ROWS_MOST),
});
type Query = z.infer<typeof query>;

export const fileRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/files',
    summary:
      "One folder of the caller's input, output or config storage, or of a task's outputs, with sums for each folder; `next` goes into `after`",
    query,
    answers: { json: fileListSchema },
    handle: ({ caller, query, parts }) => listFiles(parts, caller, query),
  }),
  defineRoute({
    method: 'POST',
    path: '/scrub',
    summary:
      'Reads all stored bytes and tells which are damaged or lost, and whose they are; one JSON line each. For administrators',
    body: scrubWishSchema,
    answers: { type: 'application/x-ndjson' },
    handle: sendScrub,
  }),
];

async function listFiles(parts: DoorParts, caller: NativeCaller, wish: Query): Promise<FileList> {
  const path = wish.path === '/' ? '/' : confinedPath(wish.path).replace(/\/+$/, '');
  if (wish.task !== undefined) return listOutputs(parts, caller, wish.task, path, wish);
  const { root } = wish;
  return listTree(parts, { accountId: ownerOf(caller, root), root }, path, path, wish);
}

/** The inputs of an account that shares its main account's are the main account's. */
function ownerOf({ accountId, inputAccountId }: NativeCaller, root: TreeRoot): number {
  return root === 'input' ? inputAccountId : accountId;
}

/** A task's files lie in a folder of its own; those of a parent in its children's, which are shown as its folders. */
async function listOutputs(
  parts: DoorParts,
  caller: NativeCaller,
  taskId: number,
  path: string,
  wish: Query,
): Promise<FileList> {
  await parts.reads.mayDownload(caller.accountId, taskId);
  const [task] = await parts.reads.taskInfos(caller.accountId, [taskId]);
  if (task === undefined) throw nothingAt(path);
  const tree: TreeRef = { accountId: task.accountId, root: 'output' };
  if (task.outputName !== null)
    return listTree(
      parts,
      tree,
      path,
      path === '/' ? `/${task.outputName}` : `/${task.outputName}${path}`,
      wish,
    );
  const folders = task.children.flatMap(({ outputName }) => outputName ?? []);
  if (path !== '/') {
    if (!folders.includes(path.split('/')[1]!)) throw nothingAt(path);
    return listTree(parts, tree, path, path, wish);
  }
  const items: FileRow[] = [];
  for (const name of folders) {
    const sums = await parts.reads.sumsAt(tree, `/${name}`);
    if (sums.files > 0) items.push({ name, isFolder: true, ...sums });
  }
  return { root: 'output', path, ...sumOf(items), items, next: null };
}

async function listTree(
  { reads }: DoorParts,
  tree: TreeRef,
  shown: string,
  path: string,
  { after, limit }: Query,
): Promise<FileList> {
  const [sums, page, file]: [FolderSums, FolderPage, Awaited<ReturnType<typeof reads.treeEntry>>] =
    await Promise.all([
      reads.sumsAt(tree, path),
      reads.folderPage(tree, path, { after, limit }),
      after === '' ? reads.treeEntry(tree, path) : null,
    ]);
  // A task that has no frame yet has no folder yet, either.
  if (sums.files === 0 && shown !== '/') throw nothingAt(shown);
  const { items, next } = page;
  if (file !== null) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    items.unshift({ name, isFolder: false, files: 1, bytes: file.size, mtimeMs: file.mtimeMs });
  }
  return { root: tree.root, path: shown, files: sums.files, bytes: sums.bytes, items, next };
}

function sumOf(rows: readonly FileRow[]): { files: number; bytes: number } {
  return {
    files: rows.reduce((sum, { files }) => sum + files, 0),
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function nothingAt(path: string) {
  return serverErrors.NATIVE_NOT_FOUND(`there is no file at or below ${path.slice(0, 300)}`);
}
