/**
 * The documented record of uploads (`is_record` of `upload_asset`, compat-sync 1.3): a hash in a Redis, `redis_flag` or
 * `upload_done`, with the local path of each file that was sent → the time in seconds since 1970.
 */
import { type Clock, coerceError, SECOND } from '@croft/contract';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';

/** What is needed of a Redis client; that of `@redis/client` fits. */
export interface RecordStore {
  hSet(key: string, field: string, value: string): Promise<unknown>;
}

export interface RecordChoices {
  /** Name of the hash; default `upload_done`. */
  readonly redisFlag?: string;
  /** Default: the Redis of this machine, port 6379, database 2. */
  readonly redisObj?: RecordStore;
}

export interface UploadRecord {
  note(path: string): void;
  /** Waits for the last entry. RayvisionError 1000000 where one could not be written. */
  close(): Promise<void>;
}

/** RayvisionError 1000000 where the Redis of this machine cannot be reached. */
export async function openUploadRecord(
  { redisFlag = 'upload_done', redisObj }: RecordChoices,
  clock: Clock,
): Promise<UploadRecord> {
  const own = redisObj ? null : await localRedis();
  const store = redisObj ?? own!;
  const underWay = new Set<Promise<void>>();
  let failure: { thrown: unknown } | null = null;
  return {
    note(path) {
      const entry = store.hSet(redisFlag, path, String(Math.floor(clock.now() / SECOND))).then(
        () => void underWay.delete(entry),
        (thrown: unknown) => {
          failure ??= { thrown };
          underWay.delete(entry);
        },
      );
      underWay.add(entry);
    },
    async close() {
      await Promise.all(underWay);
      own?.destroy();
      if (failure !== null) throw cannot((failure as { thrown: unknown }).thrown);
    },
  };
}

async function localRedis() {
  const { createClient } = await import('@redis/client');
  const client = createClient({
    socket: { host: '127.0.0.1', port: 6379, connectTimeout: 5 * SECOND, reconnectStrategy: false },
    database: 2,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (thrown) {
    throw cannot(thrown);
  }
}

function cannot(thrown: unknown): RayvisionError {
  const error = coerceError(thrown);
  return new RayvisionError(
    CLIENT_CODES.general,
    `the record of uploads cannot be kept in Redis: ${error.message || error.name}`,
    { cause: error },
  );
}
