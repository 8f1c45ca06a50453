/**
 * Which of many blobs are in the bucket. One question a blob (HEAD) is right for few; of many, a list tells a thousand at once.
 * How many blobs the bucket holds is not known, so a list of one shard (`blobs/ab/`) is given up when it has become longer than
 * the questions that it saves; keys come in order, so what it has passed is decided, and the rest is asked one by one. Who asks is
 * told of all that lists name: a sender with 100,000 files asks ten times, and what it asks next lies in the same shards.
 */
import { type BlobId, isBlobId } from '@croft/contract';
import { inLanes } from '../client/lanes.ts';
import type { Bucket } from './bucket.ts';
import type { S3Keys } from './s3-keys.ts';

export interface PresencePlan {
  /** Up to here each blob is asked for by itself. */
  readonly fewIds: number;
  /** Keys that may be listed in a shard whatever is asked of it: one answer. */
  readonly leastKeys: number;
  /** Keys that may be listed for each blob asked for: a list is 1,000 keys and costs about eight questions. */
  readonly keysPerId: number;
}

const PLAN: PresencePlan = { fewIds: 2000, leastKeys: 1000, keysPerId: 125 };
const REQUESTS_AT_ONCE = 32;

export async function presentBlobs(
  bucket: Bucket,
  keys: S3Keys,
  ids: readonly BlobId[],
  onListed: (id: BlobId) => void,
  plan: PresencePlan = PLAN,
): Promise<Set<BlobId>> {
  const found = new Set<BlobId>();
  const single: BlobId[] = [];
  if (ids.length <= plan.fewIds) single.push(...ids);
  else
    await inLanes(shardsOf(keys, ids), REQUESTS_AT_ONCE, async ([prefix, wanted]) => {
      const most = Math.max(plan.leastKeys, wanted.size * plan.keysPerId);
      let listed = 0;
      for await (const { key } of bucket.list(prefix)) {
        const id = key.slice(prefix.length);
        if (isBlobId(id)) {
          onListed(id);
          if (wanted.delete(key)) found.add(id);
        }
        if (++listed < most) continue;
        for (const [later, left] of wanted) if (later > key) single.push(left);
        return;
      }
    });
  await inLanes(single, REQUESTS_AT_ONCE, async (id) => {
    if ((await bucket.head(keys.blob(id))) !== null) found.add(id);
  });
  return found;
}

/** Prefix of each shard → key → id of those that are asked for in it. */
function shardsOf(keys: S3Keys, ids: readonly BlobId[]): Map<string, Map<string, BlobId>> {
  const shards = new Map<string, Map<string, BlobId>>();
  for (const id of ids) {
    const key = keys.blob(id);
    const prefix = key.slice(0, key.lastIndexOf('/') + 1);
    const shard = shards.get(prefix) ?? new Map<string, BlobId>();
    shards.set(prefix, shard.set(key, id));
  }
  return shards;
}
