/**
 * The `Mover` of a real farm: the transfer room's client, signed with the user's key. It retries by itself for about two
 * minutes, which bridges a restart of the farm.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, type Log, SECOND, silentLog, systemClock } from '@croft/contract';
import { signNative } from '@croft/contract/signing';
import { type Authorise, TransferClient, type TransferProgress } from '@croft/transfer';
import type { FarmConnection } from './connection.ts';
import type { ListingMover, MoveOptions } from './mover.ts';
import type { ClientOptions } from './renderbus-client.ts';
import { uploadRemembering } from './transmitter/upload-remembering.ts';

export interface TransferMover extends ListingMover {
  /** Ends the threads that hash. */
  close(): Promise<void>;
}

export interface MoverOptions extends ClientOptions {
  readonly log?: Log;
  /** How long no byte may move before a connection counts as dead; default 15 s. */
  readonly zeroSpeedMs?: number | undefined;
  /** SQLite file that remembers what inputs looked like when they were sent; absent or null: all are read each time. */
  readonly localDb?: string | null;
  /** Told once an upload where that file cannot be used. */
  readonly onLocalDbProblem?: (why: string) => void;
}

export function transferMover(connection: FarmConnection, options: MoverOptions): TransferMover {
  const clock = options.clock ?? systemClock;
  const client = new TransferClient({
    baseUrl: connection.url,
    authorise: signerOf(connection, clock),
    clock,
    zeroSpeedMs: options.zeroSpeedMs,
    log: options.log ?? silentLog,
  });
  return {
    async upload(root, files, controls) {
      const wish = {
        root,
        files: files.map(({ local, path: treePath }) => ({ localPath: local, treePath })),
        ...controlsOf(controls),
      };
      // The files of a configuration are new each time.
      const databaseFile = root === 'input' ? (options.localDb ?? null) : null;
      const onProblem = options.onLocalDbProblem ?? (() => {});
      const { entries } =
        databaseFile === null
          ? await client.upload(wish)
          : await uploadRemembering({ client, clock, databaseFile, onProblem }, wish);
      return { files: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) };
    },
    async download(folder, files, controls) {
      const byPath = new Map(files.map((file) => [file.path, file]));
      await client.download({
        root: 'output',
        ownerId: controls.ownerId,
        entries: files.map(({ path, id, size, mtimeMs }) => ({ path, id, size, mtimeMs })),
        to: folder,
        placeOf: ({ path }) => byPath.get(path)!.place,
        existing: controls.existing,
        onFile: ({ path }, place) => controls.onFile?.(byPath.get(path)!, place),
        ...controlsOf(controls),
      });
      return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
    },
    list: (root, prefix, signal) => client.list(root, { prefix, ...(signal ? { signal } : {}) }),
    close: () => client.close(),
  };
}

function controlsOf({ onProgress, signal }: MoveOptions) {
  return {
    signal,
    onProgress: (progress: TransferProgress) => {
      // Only these phases count bytes that travel; hashing and asking are quick and have counts of their own.
      if (progress.phase !== 'sending' && progress.phase !== 'receiving') return;
      onProgress?.({
        filesDone: progress.filesDone,
        filesTotal: progress.filesTotal,
        bytesDone: progress.bytesDone + progress.bytesSkipped,
        bytesTotal: progress.bytesTotal,
      });
    },
  };
}

/** Signs requests of the transfer door with an account's key. */
export function signerOf(connection: FarmConnection, clock: Clock): Authorise {
  const { host } = new URL(connection.url);
  return (method, target, bodySha256) =>
    signNative({
      method,
      host,
      target,
      accessId: connection.accessId,
      secret: connection.accessKey,
      timestampSeconds: Math.floor(clock.now() / SECOND),
      nonce: randomUUID(),
      bodySha256,
    });
}
