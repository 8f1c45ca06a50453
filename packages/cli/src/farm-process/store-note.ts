/**
 * `<home>/blobs.json`: which bucket keeps the bytes of this farm; a disk format. Absent: the home does itself, in `blobs/`.
 *
 *   {"address": "s3://...", "store": UUID, "isClaimed": true}
 *
 * The bucket bears the same UUID. The note is written before the bucket is touched, and claimed once the bucket took it; until
 * then another address may be given, for the first one may have been a slip of the pen.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { nameOfPlace, parseS3Place, transferErrors } from '@croft/transfer';
import { cliErrors } from '../errors.ts';
import { homeFolders } from './home-folders.ts';

export interface StoreNote {
  readonly address: string;
  readonly store: string;
  readonly isClaimed: boolean;
}

/**
 * Where the farm of this home keeps its bytes: as noted, or as `wanted` says where nothing is yet. null: in the home.
 * TRANSFER_STORE_OTHER where both say different things; only the settings of an address (endpoint and so on) may change.
 */
export async function storeNoteOf(home: string, wanted: string | null): Promise<StoreNote | null> {
  const known = await readNote(home);
  if (wanted === null) return known;
  const place = parseS3Place(wanted);
  if (known === null) {
    if (await isFolder(homeFolders(home).blobs))
      throw otherStore(
        `this farm keeps its bytes in ${homeFolders(home).blobs}, not in ${nameOfPlace(place)}`,
      );
    return writeNote(home, { address: wanted, store: randomUUID(), isClaimed: false });
  }
  if (known.address === wanted) return known;
  const noted = parseS3Place(known.address);
  const isSame = noted.bucket === place.bucket && noted.prefix === place.prefix;
  if (known.isClaimed && !isSame)
    throw otherStore(`this farm keeps its bytes in ${nameOfPlace(noted)}, not in ${nameOfPlace(place)}`);
  return writeNote(home, { ...known, address: wanted });
}

/** Notes that the bucket knows this farm now. */
export async function noteClaimed(home: string, note: StoreNote): Promise<void> {
  if (!note.isClaimed) await writeNote(home, { ...note, isClaimed: true });
}

async function readNote(home: string): Promise<StoreNote | null> {
  const file = homeFolders(home).storeNote;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw thrown;
  }
  const note = parseNote(text);
  if (note === null)
    throw cliErrors.CLI_HOME_UNUSABLE(`${file} is damaged: it must say which bucket keeps the farm's bytes`, {
      hint: 'Put it back from a backup of the home.',
    });
  return note;
}

function parseNote(text: string): StoreNote | null {
  try {
    const { address, store, isClaimed } = JSON.parse(text) as Partial<StoreNote>;
    if (typeof address !== 'string' || typeof store !== 'string') return null;
    return { address, store, isClaimed: isClaimed === true };
  } catch {
    return null;
  }
}

async function writeNote(home: string, note: StoreNote): Promise<StoreNote> {
  const file = homeFolders(home).storeNote;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}.new`;
  await using handle = await open(fresh, 'w', 0o600);
  await handle.writeFile(`${JSON.stringify(note, null, 2)}\n`);
  await handle.sync();
  await rename(fresh, file);
  return note;
}

function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

function otherStore(message: string): Error {
  return transferErrors.TRANSFER_STORE_OTHER(message, {
    hint: 'Leave --blobs and CROFT_BLOBS out, or give the farm another home. Bytes do not move from one store to another by themselves.',
  });
}
