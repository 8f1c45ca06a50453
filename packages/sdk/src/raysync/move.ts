/** One start of one task of the raysync service: over the same parts as rayvision_transmitter. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  type Clock,
  CroftError,
  coerceError,
  HEADER_RAYSYNC_KEY,
  HEADER_RAYSYNC_NAME,
  type Log,
  type TreeEntry,
  type TreeRoot,
} from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import { farmUrl } from '../transmitter/farm-host.ts';
import { findStorage } from '../transmitter/find-storage.ts';
import { downloadPlace, remotePath } from '../transmitter/keep-path.ts';
import { filesOf, type Outgoing } from '../transmitter/lists.ts';
import { receivePath } from '../transmitter/receive.ts';
import { sendAll } from '../transmitter/send.ts';
import { UnchangedFiles } from '../transmitter/unchanged-files.ts';
import { listedFiles } from './file-list.ts';
import type { TransferOrder } from './orders.ts';
import { type StoragePlace, storagePlace } from './storage-path.ts';
import type { TaskRecord } from './task-record.ts';

/** Questions to a farm that does not answer, after the first. */
const RETRIES = 2;
const UNUSABLE = 'its line in the list is not one of this storage';

export interface MoveParts {
  readonly record: TaskRecord;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly scheme: 'http' | 'https' | null;
  readonly limitKbps: number | null;
}

/** Moves what can be moved; files that cannot are in the record. Throws what ended it before that. */
export async function moveOrder(order: TransferOrder, parts: MoveParts): Promise<void> {
  switch (order.type) {
    case 'download':
      return download(order, parts);
    case 'upload': {
      const place = storagePlace(order.remote);
      return upload(order, place, counted(filesAt(order.local, place.path), parts.record), parts);
    }
    case 'upload-list': {
      const { first, files } = await lookThrough(order.list);
      parts.record.found(files);
      // Nothing is listed, so there is nothing to ask the farm for.
      if (files === 0) return;
      if (first !== null) return upload(order, first, outgoing(order.list, first), parts);
      for await (const { local } of listedFiles(order.list)) parts.record.failed('upload', local, UNUSABLE);
    }
  }
}

async function upload(
  order: TransferOrder,
  place: StoragePlace,
  files: AsyncIterable<readonly Outgoing[]>,
  parts: MoveParts,
): Promise<void> {
  const { record, signal, limitKbps, clock } = parts;
  const unchanged = new UnchangedFiles(null, clock, () => {});
  await atFarm(order, place, parts, ({ client, root }) =>
    sendAll({ client, root, lines: record, unchanged, signal, limitKbps, clock }, files),
  );
}

async function download(
  order: Extract<TransferOrder, { type: 'download' }>,
  parts: MoveParts,
): Promise<void> {
  const { record, signal, limitKbps } = parts;
  const place = storagePlace(order.remote);
  const rule = /\/\s*$/.test(place.path) ? contentPlace : lastNamePlace;
  await atFarm(order, place, parts, ({ client, root }) =>
    receivePath(
      { client, root, lines: record, signal, limitKbps, isVerifying: order.isVerifying },
      place.path,
      order.local,
      rule,
    ),
  );
}

/** A remote path with a slash at its end: the content of the folder, without the folder. */
function contentPlace(entry: TreeEntry, prefix: string): string {
  return downloadPlace(entry, prefix, false);
}

/** Without one: the folder itself, under its own name. */
function lastNamePlace(entry: TreeEntry, prefix: string): string {
  return entry.path.slice(prefix.lastIndexOf('/'));
}

async function atFarm<Result>(
  order: TransferOrder,
  place: StoragePlace,
  { clock, log, signal, scheme }: MoveParts,
  action: (farm: { client: TransferClient; root: TreeRoot }) => Promise<Result>,
): Promise<Result> {
  const address = { host: order.host, port: order.port, retries: RETRIES, ...place };
  const proof = {
    [HEADER_RAYSYNC_NAME]: encodeURIComponent(order.accountName),
    [HEADER_RAYSYNC_KEY]: headerText(order.accountKey),
  };
  const say = (text: string) => log.warn({ farm: farmUrl('https', order.host, order.port) }, text);
  const storage = await findStorage(address, { clock, signal, scheme, key: null, say, proof });
  const client = new TransferClient({ ...storage, clock, log });
  try {
    return await action({ client, root: storage.root });
  } finally {
    await client.close();
  }
}

/** What no header can carry is no key either. */
function headerText(key: string): string {
  return /^[\x21-\x7e]{1,200}$/.test(key) ? key : '-';
}

/** A file goes below the remote path under its name, a folder with its name and content. */
async function* filesAt(local: string, remote: string): AsyncGenerator<readonly Outgoing[]> {
  const path = resolve(local);
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  yield* filesOf(path, isFolder ? `${remote}/${basename(path)}` : `${remote}/`, 'nothing');
}

async function* counted(groups: AsyncIterable<readonly Outgoing[]>, record: TaskRecord) {
  let found = 0;
  for await (const group of groups) {
    found += group.length;
    record.found(found);
    yield group;
  }
}

async function lookThrough(list: string): Promise<{ first: StoragePlace | null; files: number }> {
  let first: StoragePlace | null = null;
  let files = 0;
  for await (const { place } of listedFiles(list)) {
    first ??= place;
    files += 1;
  }
  return { first, files };
}

/** All files of a list go to the storage of its first line. */
async function* outgoing(list: string, first: StoragePlace): AsyncGenerator<readonly Outgoing[]> {
  for await (const { local, place } of listedFiles(list)) {
    const isSame = place?.storageId === first.storageId && place.accountId === first.accountId;
    yield [isSame && place !== null ? confined(local, place.path) : { local, failure: UNUSABLE }];
  }
}

function confined(local: string, remote: string): Outgoing {
  try {
    return { local: resolve(local), remote: remotePath(remote) };
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!(error instanceof CroftError)) throw error;
    return { local, failure: error.message };
  }
}
