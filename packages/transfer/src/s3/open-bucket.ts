/** Opens the store in a bucket: looks what the server can do and whose bytes are there, and puts the parts of the store together. */
import { createHash } from 'node:crypto';
import { type Clock, KiB, type Log, systemClock } from '@croft/contract';
import * as z from 'zod';
import { transferErrors } from '../errors.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { dropLostUploads } from '../store/lost-uploads.ts';
import { BlobPlaces } from './blob-places.ts';
import { Bucket } from './bucket.ts';
import { PackCare } from './pack-care.ts';
import { PackObjects } from './pack-objects.ts';
import { probeBucket } from './probe-bucket.ts';
import { S3BlobStore } from './s3-blob-store.ts';
import { S3Connection, type S3Credentials } from './s3-connection.ts';
import { isFailure, S3Failure } from './s3-failure.ts';
import { S3Keys } from './s3-keys.ts';
import { nameOfPlace, type S3Place } from './s3-place.ts';
import { S3Uploads } from './s3-uploads.ts';

export interface S3BlobStoreOptions {
  place: S3Place;
  /** null: found as Amazon's tools do. */
  credentials: S3Credentials | null;
  /** Names the farm's store, a UUID: a bucket that bears another name is another farm's, TRANSFER_STORE_OTHER. */
  storeId: string;
  /** The file that says which short blobs lie where in the bucket; made anew from the bucket where it is lost. */
  indexFile: string;
  log: Log;
  /** Tells when an unfinished upload is forgotten; default the system's. */
  clock?: Clock;
}

const markerSchema = z.object({ format: z.literal(1), store: z.string() });
const MARKER_MAX_BYTES = 4 * KiB;

/** TRANSFER_STORE_REFUSED, TRANSFER_STORE_UNREACHABLE or TRANSFER_STORE_OTHER before anything is stored. */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<BlobStore> {
  const { place, log, storeId, clock = systemClock } = options;
  const s3 = new S3Connection(place, options.credentials, clock, log);
  const bucket = new Bucket(s3);
  try {
    const keys = new S3Keys(place.prefix);
    const abilities = await probeBucket(s3, bucket, keys);
    await claim(bucket, keys, storeId, place);
    const mustRead = place.readBack || !abilities.compositeSha256;
    log.info({ place: nameOfPlace(place), ...abilities, mustRead }, 'bytes are kept in a bucket');
    const places = new BlobPlaces(bucket, keys);
    const uploads = new S3Uploads(bucket, keys, places, mustRead);
    const packs = await openPacks(bucket, keys, options);
    const stopDropping = await dropLostUploads(uploads, clock, log);
    const care = new PackCare(packs, clock, log);
    const end = async () => {
      stopDropping();
      await care.stop();
      packs.close();
      s3.close();
    };
    const parts = { bucket, keys, packs, places, uploads, clock, log, end };
    return new S3BlobStore({ ...parts, isDirect: place.direct, takesNames: !mustRead });
  } catch (thrown) {
    s3.close();
    if (!(thrown instanceof S3Failure)) throw thrown;
    throw transferErrors.TRANSFER_STORE_REFUSED(
      `the S3 server cannot do what a store needs: ${thrown.message}`,
      {
        cause: thrown,
      },
    );
  }
}

async function openPacks(bucket: Bucket, keys: S3Keys, { indexFile, log }: S3BlobStoreOptions) {
  const packs = new PackObjects(bucket, keys, indexFile, log);
  try {
    await packs.lookThrough();
    return packs;
  } catch (thrown) {
    packs.close();
    throw thrown;
  }
}

/** Makes sure that the bucket's folder is this store's: two farms in one would collect each other's bytes. */
async function claim(bucket: Bucket, keys: S3Keys, storeId: string, place: S3Place): Promise<void> {
  const bytes = Buffer.from(JSON.stringify({ format: 1, store: storeId }));
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  let raw = await bucket.readAll(keys.marker, MARKER_MAX_BYTES);
  if (raw === null) {
    await bucket.put(keys.marker, bytes, sha256Hex, { onlyNew: true }).catch((thrown) => {
      if (!isFailure(thrown, 'exists')) throw thrown;
    });
    raw = await bucket.readAll(keys.marker, MARKER_MAX_BYTES);
  }
  const marker = markerSchema.safeParse(JSON.parse(raw?.toString('utf8') ?? 'null'));
  if (marker.success && marker.data.store === storeId) return;
  throw transferErrors.TRANSFER_STORE_OTHER(`${nameOfPlace(place)} holds the bytes of another farm`, {
    hint: 'Give each farm a bucket, or a folder in a bucket, of its own: s3://bucket/folder.',
  });
}
