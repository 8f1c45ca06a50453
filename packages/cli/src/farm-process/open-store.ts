/** The blob store of a farm: in its home, or in the bucket that its note names. */
import { readFile, statfs } from 'node:fs/promises';
import { type Log, MiB } from '@croft/contract';
import {
  type BlobStore,
  openFsBlobStore,
  openS3BlobStore,
  parseS3Place,
  type S3Credentials,
  type SyncPolicy,
} from '@croft/transfer';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { homeFolders } from './home-folders.ts';
import { noteClaimed, storeNoteOf } from './store-note.ts';

/** `address` is what the user said just now; null for what the home says. */
export async function openStore(
  { clock, config }: Pick<CommandContext, 'clock' | 'config'>,
  home: string,
  log: Log,
  wanted: { address: string | null; sync: SyncPolicy },
): Promise<BlobStore> {
  const note = await storeNoteOf(home, wanted.address);
  if (note === null)
    return openFsBlobStore({
      home: homeFolders(home).blobs,
      log,
      keepFreeBytes: await keepFreeBytes(home),
      sync: wanted.sync,
    });
  const store = await openS3BlobStore({
    place: parseS3Place(note.address),
    credentials: await s3CredentialsOf(config),
    storeId: note.store,
    indexFile: homeFolders(home).bucketIndex,
    log,
    clock,
  });
  await noteClaimed(home, note);
  return store;
}

/** null where no key of ours is set: then it is looked for as Amazon's tools do. */
async function s3CredentialsOf({ s3Key }: Config): Promise<S3Credentials | null> {
  if (s3Key === null) return null;
  const { accessKeyId, secret, secretFile } = s3Key;
  if (secret !== null) return { accessKeyId, secretAccessKey: secret };
  try {
    return { accessKeyId, secretAccessKey: (await readFile(secretFile, 'utf8')).trim() };
  } catch (cause) {
    throw cliErrors.CLI_SETTINGS_INVALID(`the secret of the S3 key cannot be read from ${secretFile}`, {
      hint: 'CROFT_S3_SECRET_FILE names a file with nothing but the secret in it.',
      cause,
    });
  }
}

const KEEP_FREE_BYTES = 512 * MiB;
const KEEP_FREE_SHARE = 0.05;

/** What stays free on the disk: 512 MiB, on a small disk a twentieth, so that a small disk is of use at all. */
async function keepFreeBytes(home: string): Promise<number> {
  const { blocks, bsize } = await statfs(home);
  return Math.min(KEEP_FREE_BYTES, Math.floor(blocks * bsize * KEEP_FREE_SHARE));
}
