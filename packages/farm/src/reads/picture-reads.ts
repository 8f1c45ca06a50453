/** What there is to look at of a task: thumbnails of a frame, the size of its pictures, and one folder of a tree. */
import { FRAME_STATUS } from '@croft/contract';
import { sql } from 'kysely';
import { farmErrors } from '../errors.ts';
import { frameAt, segmentOfFrame } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import { ownTask } from '../tasks/own-task.ts';
import type { TreeRef } from '../trees/tree-ref.ts';
import { breathe } from '../util/breathe.ts';
import { pictureUrl } from './task-facts.ts';

export interface PictureReads {
  /** Paths at the pictures door of all thumbnails of a frame, by the names of what they show; none before it is done. */
  frameThumbnails(accountId: number, frameId: number): Promise<string[]>;
  /** The first published main picture of the task that says its size; null while there is none. Sizes are pixels. */
  taskPicture(accountId: number, taskId: number): Promise<TaskPicture | null>;
  /** Names right below `folder` (`/` is the root) as they are now, by name; at most `most`. */
  treeFolder(tree: TreeRef, folder: string, most: number): Promise<FolderEntry[]>;
}

export interface TaskPicture {
  width: number;
  height: number;
  camera: string | null;
}

export interface FolderEntry {
  name: string;
  /** Bytes; null for a folder. */
  size: number | null;
  /** Of a folder: the newest among its first files, since it has no time of its own. */
  mtimeMs: number;
}

const ROWS_PER_STATEMENT = 500;

export function pictureReads(db: Db): PictureReads {
  return {
    frameThumbnails: (accountId, frameId) => frameThumbnails(db, accountId, frameId),
    taskPicture: (accountId, taskId) => taskPicture(db, accountId, taskId),
    treeFolder: (tree, folder, most) => treeFolder(db, tree, folder, most),
  };
}

async function frameThumbnails(db: Db, accountId: number, frameId: number): Promise<string[]> {
  const segment = await segmentOfFrame(db, frameId);
  if (segment === null) throw farmErrors.FARM_NOT_FOUND(`there is no frame with id ${frameId}`);
  await ownTask(db, accountId, segment.task_id, 'see');
  const { frame } = await frameAt(db, segment, frameId - segment.base);
  if (frame.status !== FRAME_STATUS.done) return [];
  const rows = await db
    .selectFrom('results')
    .select('capability')
    .where('task_id', '=', segment.task_id)
    .where('frame_id', '=', frameId)
    .where('capability', 'is not', null)
    .orderBy('path')
    .execute();
  return rows.map(({ capability }) => pictureUrl(capability!));
}

/** Results lie by task and frame, so this stops at the first frame that published a picture; a parent's lie with its children. */
async function taskPicture(db: Db, accountId: number, taskId: number): Promise<TaskPicture | null> {
  await ownTask(db, accountId, taskId, 'see');
  const children = await db
    .selectFrom('tasks')
    .select('id')
    .where('parent_id', '=', taskId)
    .where(sql<boolean>`parent_id <> 0`)
    .execute();
  const row = await db
    .selectFrom('results')
    .select(['width', 'height', 'camera'])
    .where('task_id', 'in', [taskId, ...children.map(({ id }) => id)])
    .where('kind', '=', 'main')
    .where('width', 'is not', null)
    .where('height', 'is not', null)
    .orderBy('task_id')
    .orderBy('frame_id')
    .orderBy('path')
    .limit(1)
    .executeTakeFirst();
  return row ? { width: row.width!, height: row.height!, camera: row.camera } : null;
}

/**
 * Paths are read in order, some hundred at a time; when a batch ends within a folder below, reading goes on behind that
 * folder. So a folder costs what lies right in it, however many files lie deeper.
 */
async function treeFolder(db: Db, tree: TreeRef, folder: string, most: number): Promise<FolderEntry[]> {
  const start = folder === '/' ? '/' : `${folder}/`;
  const end = afterFolder(start.slice(0, -1));
  const found = new Map<string, FolderEntry>();
  let from: { readonly path: string; readonly with: '>' | '>=' } = { path: start, with: '>' };
  for (; found.size < most; await breathe()) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'size', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('path', from.with, from.path)
      .where('path', '<', end)
      .where('version_to', 'is', null)
      .orderBy('path')
      .limit(ROWS_PER_STATEMENT)
      .execute();
    let deepest: string | null = null;
    for (const row of rows) {
      const [name = '', ...deeper] = row.path.slice(start.length).split('/');
      const isFolder = deeper.length > 0;
      deepest = isFolder ? name : null;
      const known = found.get(name);
      const mtimeMs = Math.max(known?.mtimeMs ?? 0, row.mtime_ms);
      found.set(name, { name, size: isFolder ? null : row.size, mtimeMs });
    }
    if (rows.length < ROWS_PER_STATEMENT) break;
    from =
      deepest === null
        ? { path: rows.at(-1)!.path, with: '>' }
        : { path: afterFolder(`${start}${deepest}`), with: '>=' };
  }
  return [...found.values()].slice(0, most).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The first text behind every path below the folder, itself perhaps a file's: 0 is the character after the slash. */
function afterFolder(path: string): string {
  return `${path}0`;
}
