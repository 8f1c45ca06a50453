/** For tests: stores in folders of their own in the bucket of a real S3 server. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type BlobId, silentLog } from '@croft/contract';
import type { BlobStore } from '../store/blob-store.ts';
import { openS3BlobStore } from './open-bucket.ts';
import type { S3Credentials } from './s3-connection.ts';
import { S3Keys } from './s3-keys.ts';
import { parseS3Place } from './s3-place.ts';

interface TestServer {
  readonly endpoint: string;
  readonly credentials: S3Credentials;
}

export const BUCKET = 'croft-bytes';

export function clientOf(server: TestServer): S3Client {
  return new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: server.credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}

/** A store of its own in a folder of the server's bucket; its index lies in `home`. */
export function placeIn(server: TestServer, home: string, settings = '') {
  const folder = randomUUID().slice(0, 8);
  const storeId = randomUUID();
  const place = parseS3Place(`s3://${BUCKET}/${folder}?endpoint=${server.endpoint}${settings}`);
  const indexFile = join(home, 'bucket-index.sqlite');
  const openStore = (overrides: Partial<Parameters<typeof openS3BlobStore>[0]> = {}) =>
    openS3BlobStore({
      place,
      credentials: server.credentials,
      storeId,
      indexFile,
      log: silentLog,
      ...overrides,
    });
  return { place, keys: new S3Keys(place.prefix), indexFile, open: openStore };
}

/** Keys of the packs of short blobs. */
export async function packsIn(client: S3Client, keys: S3Keys): Promise<string[]> {
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: keys.packs }),
  );
  return Contents.map(({ Key = '' }) => Key);
}

/** The pack that holds these bytes, and where in it they start; null where none does. */
export async function packWith(client: S3Client, keys: S3Keys, bytes: Buffer) {
  for (const key of await packsIn(client, keys)) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const object = Buffer.from(await Body!.transformToByteArray());
    const start = object.indexOf(bytes);
    if (start >= 0) return { key, object, start };
  }
  return null;
}

export async function readAll(store: BlobStore, id: BlobId): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.read(id)).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
