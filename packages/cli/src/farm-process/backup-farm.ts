/**
 * A backup of a farm, which may run meanwhile. The order matters: the database's snapshot comes first, then the bytes, so
 * that everything the snapshot refers to is there when it is copied (blobs are immutable and outlive their last mention
 * by a grace time). Pack files only grow, and what was torn off at a copy's end is cut off by the store itself.
 *
 * Not copied: what is derived (the index of the packs), unfinished uploads, the home of the node, and what lies in a bucket:
 * of that only the note which one it is.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { backupStore, farmHome } from '@croft/farm';
import { nameOfPlace, parseS3Place } from '@croft/transfer';
import { CLIENT_FILE } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import {
  type BackupFile,
  copyHashed,
  filesBelow,
  isEmptyFolder,
  isFile,
  writeManifest,
} from './backup-format.ts';
import { homeFolders } from './home-folders.ts';
import { storeNoteOf } from './store-note.ts';

export interface BackupSummary {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** The bucket that keeps the bytes of files, which are not in the copy then; null: they are. */
  readonly bucket: string | null;
}

export async function backupFarm(context: CommandContext, to: string): Promise<BackupSummary> {
  const { home } = context.config;
  const folder = path.resolve(to);
  const store = farmHome(home);
  if (!(await isFile(store.database))) {
    throw cliErrors.CLI_HOME_UNUSABLE(`${home} holds no farm`, { hint: 'Name its home with --home.' });
  }
  if (!(await isEmptyFolder(folder))) {
    throw cliErrors.CLI_BACKUP_REFUSED(`${folder} is not empty`, { hint: 'Name a new folder with --to.' });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const files = await copyAll(context, home, folder);
    await writeManifest(folder, context.clock.now(), files);
    const note = await storeNoteOf(home, null);
    return {
      folder,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      bucket: note && nameOfPlace(parseS3Place(note.address)),
    };
  } catch (thrown) {
    // The folder was empty, so all in it is ours: half a backup is none.
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

async function copyAll({ signal }: CommandContext, home: string, folder: string): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  const add = async (from: string, name: string) => {
    signal.throwIfAborted();
    files.push({ path: name, ...(await copyHashed(from, path.join(folder, ...name.split('/')))) });
  };
  const store = farmHome(home);
  const snapshot = path.join(folder, 'snapshot.sqlite');
  await backupStore(home, snapshot);
  await add(snapshot, namedBelow(home, store.database));
  await rm(snapshot);
  for (const file of [
    store.masterKey,
    store.catalogue,
    path.join(home, CLIENT_FILE),
    homeFolders(home).storeNote,
  ]) {
    if (await isFile(file)) await add(file, namedBelow(home, file));
  }
  const folders = [path.join(home, 'tls'), path.join(home, 'logs')];
  const { blobs } = homeFolders(home);
  for (const root of [path.join(blobs, 'packs'), path.join(blobs, 'blobs'), ...folders]) {
    for await (const name of filesBelow(root)) {
      await add(path.join(root, ...name.split('/')), `${namedBelow(home, root)}/${name}`);
    }
  }
  return files;
}

function namedBelow(home: string, file: string): string {
  return path.relative(home, file).split(path.sep).join('/');
}
