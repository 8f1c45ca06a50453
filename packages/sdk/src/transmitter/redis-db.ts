/**
 * A local database in Redis, which many machines share: `croft:unchanged:<machine>:<path>` → JSON of the record. A path
 * means a file of one machine only, so its name is part of the key. A record lives 30 days from its last upload, as those
 * of the original do. Values come from outside: what is no record of ours counts as nothing.
 */
import { hostname } from 'node:os';
import { DAY, SECOND } from '@croft/contract';
import { createClient } from '@redis/client';
import * as z from 'zod';
import type { RedisSettings } from './db-ini.ts';
import type { FileRecord, LocalDb } from './local-db.ts';

const KEPT_SECONDS = (30 * DAY) / SECOND;
/** Keys of one question. */
const KEYS_AT_ONCE = 500;

const digits = z.string().regex(/^\d{1,20}$/);
const valueSchema = z.object({
  size: digits,
  mtimeNs: digits,
  inode: digits,
  mtimeMs: z.number(),
  blob: z.string().max(200),
});

/** Rejects where there is no Redis, or none that takes the password, within `timeoutMs`. */
export async function openRedisDb(settings: RedisSettings, machine = hostname()): Promise<LocalDb> {
  const { host, port, password, tableIndex, timeoutMs } = settings;
  const client = createClient({
    socket: { host, port, connectTimeout: timeoutMs, reconnectStrategy: false },
    ...(password === '' ? {} : { password }),
    database: tableIndex,
    commandOptions: { timeout: timeoutMs },
  });
  let broken: unknown;
  client.on('error', (thrown) => {
    broken = thrown;
  });
  await client.connect();
  const keyOf = (path: string) => `croft:unchanged:${machine}:${path}`;
  /** Written or found to hold. */
  const ofThisRun = new Set<string>();

  async function inPieces<Item>(
    items: readonly Item[],
    work: (piece: Item[]) => Promise<unknown>,
  ): Promise<void> {
    if (broken !== undefined) throw broken;
    for (let at = 0; at < items.length; at += KEYS_AT_ONCE) await work(items.slice(at, at + KEYS_AT_ONCE));
  }

  return {
    async find(paths) {
      const found: (FileRecord | undefined)[] = [];
      await inPieces(paths, async (piece) => {
        const values = await client.mGet(piece.map(keyOf));
        for (const [index, path] of piece.entries()) found.push(recordOf(path, values[index]));
      });
      return found;
    },
    put: (records) =>
      inPieces(records, (piece) =>
        Promise.all(
          piece.map(({ path, ...value }) => {
            ofThisRun.add(path);
            return client.set(keyOf(path), JSON.stringify(value), {
              expiration: { type: 'EX', value: KEPT_SECONDS },
            });
          }),
        ),
      ),
    seenAgain: (paths) =>
      inPieces(paths, (piece) =>
        Promise.all(
          piece.map((path) => {
            ofThisRun.add(path);
            return client.expire(keyOf(path), KEPT_SECONDS);
          }),
        ),
      ),
    forget: () => inPieces([...ofThisRun], (piece) => client.unlink(piece.map(keyOf))),
    async close() {
      client.destroy();
    },
  };
}

function recordOf(path: string, text: string | null | undefined): FileRecord | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    return { path, ...valueSchema.parse(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}
