/** Tries out what an S3 server can do, with bytes of a few hundred each, and whether the key may do all that a store must. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { transferErrors } from '../errors.ts';
import type { Bucket } from './bucket.ts';
import { base64Of, type S3Abilities, type S3Connection } from './s3-connection.ts';
import { isFailure, S3Failure } from './s3-failure.ts';
import type { S3Keys } from './s3-keys.ts';

/** TRANSFER_STORE_REFUSED where key or bucket are wrong, or the server keeps bytes that are not those that were signed. */
export async function probeBucket(s3: S3Connection, bucket: Bucket, keys: S3Keys): Promise<S3Abilities> {
  const key = keys.probe(randomUUID());
  // A bucket that is not there is only told apart from an object that is not there by listing it.
  for await (const _ of bucket.list(key)) break;
  try {
    const compositeSha256 = await checksParts(bucket, key);
    // The steps below must not use what the server is not able to do.
    s3.abilities = { ...s3.abilities, compositeSha256 };
    const onlyNew = await refusesSecond(bucket, key);
    s3.abilities = { compositeSha256, onlyNew };
    if (!(await refusesWrong(bucket, `${key}-wrong`)))
      throw transferErrors.TRANSFER_STORE_REFUSED(
        'the S3 server keeps bytes other than those that were signed',
        {
          hint: 'Use another S3 server: this one would not notice bytes that were damaged on the way.',
        },
      );
    return s3.abilities;
  } finally {
    for (const used of [key, `${key}-parts`, `${key}-wrong`]) await bucket.remove(used);
  }
}

async function refusesSecond(bucket: Bucket, key: string): Promise<boolean> {
  const { bytes, sha256Hex } = someBytes();
  try {
    await bucket.put(key, bytes, sha256Hex, { onlyNew: true });
    await bucket.put(key, bytes, sha256Hex, { onlyNew: true });
    return false;
  } catch (thrown) {
    if (thrown instanceof S3Failure) return thrown.meaning === 'exists';
    throw thrown;
  }
}

async function refusesWrong(bucket: Bucket, key: string): Promise<boolean> {
  try {
    await bucket.put(key, someBytes().bytes, someBytes().sha256Hex, { onlyNew: false });
    return false;
  } catch (thrown) {
    if (isFailure(thrown, 'mismatch')) return true;
    throw thrown;
  }
}

/** Whether wrong parts are refused, right ones are listed with their SHA-256, and the whole has the composite one. */
async function checksParts(bucket: Bucket, ownKey: string): Promise<boolean> {
  const key = `${ownKey}-parts`;
  const { bytes, sha256, sha256Hex } = someBytes();
  let uploadId: string | null = null;
  try {
    uploadId = await bucket.uploads.begin(key);
    const upload = { key, uploadId };
    const part = { number: 1, size: bytes.length };
    try {
      await bucket.uploads.putPart(upload, { ...part, sha256Hex: someBytes().sha256Hex }, once(bytes));
      return false;
    } catch (thrown) {
      if (!isFailure(thrown, 'mismatch')) throw thrown;
    }
    await bucket.uploads.putPart(upload, { ...part, sha256Hex }, once(bytes));
    const listed = (await bucket.uploads.list(upload)) ?? [];
    if (listed.length !== 1 || listed[0]?.sha256 !== base64Of(sha256Hex)) return false;
    const composite = createHash('sha256').update(sha256).digest('base64');
    return (await bucket.uploads.complete(upload, listed, composite)) === composite;
  } catch (thrown) {
    if (thrown instanceof S3Failure) return false;
    throw thrown;
  } finally {
    // Some servers complain about an upload that is done.
    if (uploadId !== null) await bucket.uploads.abort({ key, uploadId }).catch(() => undefined);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function someBytes() {
  const bytes = randomBytes(100);
  const sha256 = createHash('sha256').update(bytes).digest();
  return { bytes, sha256, sha256Hex: sha256.toString('hex') };
}
