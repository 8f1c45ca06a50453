/** One upload in one commit, where files that look as they did when they were last sent are not read again. */
import type { Clock, TreeEntry } from '@croft/contract';
import type { TransferClient, UploadFile, UploadWish } from '@croft/transfer';
import type { DbSettings } from './db-ini.ts';
import { FileLooker } from './look-at-files.ts';
import { type SeenFile, UnchangedFiles } from './unchanged-files.ts';

export interface RememberingParts {
  readonly client: TransferClient;
  readonly clock: Clock;
  /** An SQLite file; its folders are made. Where it cannot be used, everything is read. */
  readonly databaseFile: string;
  /** Told once where the database cannot be used. */
  readonly onProblem: (why: string) => void;
}

export async function uploadRemembering(
  { client, clock, databaseFile, onProblem }: RememberingParts,
  wish: UploadWish & { readonly files: readonly UploadFile[] },
): Promise<{ entries: TreeEntry[] }> {
  const settings: DbSettings = { type: 'sqlite', name: databaseFile, file: databaseFile, isTemporary: false };
  const unchanged = new UnchangedFiles(settings, clock, onProblem);
  try {
    const lookedAtMs = clock.now();
    const looks = await new FileLooker(clock).look(wish.files.map(({ localPath }) => localPath));
    const seen = wish.files.flatMap(({ localPath }, index): SeenFile | [] => {
      const facts = looks[index]!;
      // The engine says what is wrong with it.
      return facts instanceof Error ? [] : { path: localPath, facts };
    });
    const known = await unchanged.find(seen);
    const byPath = new Map(seen.map((file, index) => [file.path, { ...file, record: known[index] }]));
    const files = wish.files.map((file) => {
      const record = byPath.get(file.localPath)?.record;
      return record === undefined ? file : { ...file, remembered: { ...record, isLookedAt: true } };
    });
    const { entries } = await client.upload({ ...wish, files });
    const fresh = files.flatMap(({ localPath, remembered }, index) => {
      const facts = byPath.get(localPath)?.facts;
      const sent = entries[index]!;
      return facts === undefined || remembered?.id === sent.id ? [] : { path: localPath, facts, sent };
    });
    await unchanged.remember(fresh, lookedAtMs);
    return { entries };
  } finally {
    await unchanged.close(true);
  }
}
