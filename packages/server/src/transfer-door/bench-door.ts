/**
 * A program for the benchmarks of transfers: the real door over a real store in a process of its own. Takes the store's
 * folder, its sync policy and, instead of the folder's own store, the place of a bucket (`s3://…`, whose key is in
 * BENCH_S3_KEY_ID and BENCH_S3_SECRET); prints its address, on the port of BENCH_PORT or a free one.
 */
import { randomUUID } from 'node:crypto';
import { argv, env, stdout } from 'node:process';
import { silentLog } from '@croft/contract';
import { openS3BlobStore, parseS3Place } from '@croft/transfer';
import { MemoryFarm, openTestDoor } from './test-door.ts';

const [, , home, sync, bucket] = argv;
if (home === undefined || (sync !== 'always' && sync !== 'never'))
  throw new Error('name the folder of the store and its sync policy');
const credentials = { accessKeyId: env.BENCH_S3_KEY_ID ?? '', secretAccessKey: env.BENCH_S3_SECRET ?? '' };
const blobs =
  bucket === undefined
    ? undefined
    : await openS3BlobStore({
        place: parseS3Place(bucket),
        credentials,
        storeId: randomUUID(),
        indexFile: `${home}-index.sqlite`,
        log: silentLog,
      });
const port = Number(env.BENCH_PORT ?? 0);
const own = blobs === undefined ? {} : { blobs };
const door = await openTestDoor(home, new MemoryFarm(), { sync, port, ...own });
stdout.write(`${door.url}\n`);
