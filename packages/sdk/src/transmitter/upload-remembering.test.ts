/** What is read and what is remembered, over a stand-in for the engine that notes what it is asked for. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobId, TreeEntry } from '@croft/contract';
import type { TransferClient, UploadFile } from '@croft/transfer';
import { afterAll, expect, it } from 'vitest';
import { uploadRemembering } from './upload-remembering.ts';

const folder = mkdtempSync(join(tmpdir(), 'croft-remembering-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const clock = { now: () => Date.now(), after: () => () => {} };
const ID = `sha256-${'a'.repeat(64)}` as BlobId;
const OTHER = `sha256-${'b'.repeat(64)}` as BlobId;

/** Files that it is not told about are "read": they get `id`. */
function engine(id: BlobId, asked: boolean[]): TransferClient {
  const upload = async ({ files }: { files: readonly UploadFile[] }) => ({
    version: 1,
    entries: files.map(({ treePath, remembered }): TreeEntry => {
      asked.push(remembered?.isLookedAt === true);
      return { path: treePath, id: remembered?.id ?? id, size: 3, mtimeMs: 1000 };
    }),
  });
  return { upload } as unknown as TransferClient;
}

it('reads a file once, again when it looks otherwise, and always where there is no database', async () => {
  const localPath = join(folder, 'a.txt');
  const touch = (text: string) => {
    writeFileSync(localPath, text);
    utimesSync(localPath, 1, 1);
  };
  touch('one');
  const problems: string[] = [];
  const send = async (databaseFile: string, id = ID) => {
    const known: boolean[] = [];
    const parts = { clock, databaseFile, onProblem: (why: string) => void problems.push(why) };
    const wish = { root: 'input' as const, files: [{ localPath, treePath: '/a.txt' }] };
    const { entries } = await uploadRemembering({ client: engine(id, known), ...parts }, wish);
    return { known, id: entries[0]!.id };
  };
  const database = join(folder, 'not', 'there', 'sent.sqlite');
  expect(await send(database)).toEqual({ known: [false], id: ID });
  expect(await send(database, OTHER)).toEqual({ known: [true], id: ID });
  // The same size and time, but another file in its place.
  rmSync(localPath);
  writeFileSync(join(folder, 'takes the inode'), 'x');
  touch('two');
  expect(await send(database, OTHER)).toEqual({ known: [false], id: OTHER });
  expect(await send(database)).toEqual({ known: [true], id: OTHER });
  expect(problems).toEqual([]);
  mkdirSync(join(folder, 'in the way'));
  expect(await send(join(folder, 'in the way'))).toEqual({ known: [false], id: ID });
  expect(problems).toHaveLength(1);
  // What is not there is the engine's to say.
  rmSync(localPath);
  expect((await send(database)).known).toEqual([false]);
});

it('does not remember a file that changed just before it was looked at, however long the sending took', async () => {
  const localPath = join(folder, 'fresh.txt');
  writeFileSync(localPath, 'one');
  const databaseFile = join(folder, 'fresh.sqlite');
  const lookedAt = Date.now();
  let looks = 0;
  // The first look is now; everything after it a minute later.
  const slow = { now: () => (looks++ === 0 ? lookedAt : lookedAt + 60_000), after: () => () => {} };
  const known: boolean[] = [];
  for (const time of [slow, clock]) {
    const parts = { clock: time, databaseFile, onProblem: () => {} };
    const wish = { root: 'input' as const, files: [{ localPath, treePath: '/fresh.txt' }] };
    await uploadRemembering({ client: engine(ID, known), ...parts }, wish);
  }
  expect(known).toEqual([false, false]);
});
