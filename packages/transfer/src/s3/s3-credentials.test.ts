import { createHash, createHmac } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { atEnd, temporaryFolder } from '../../../../tests/support/cleanup.ts';
import {
  S3_BUILD_MS,
  type S3Server,
  startS3Server,
  whyNoS3Servers,
} from '../../../../tests/support/s3-servers.ts';
import { blobIdOfBytes } from '../blob-hash.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { BUCKET, placeIn, readAll } from './test-places.ts';

vi.setConfig({ testTimeout: 60_000 });

const why = whyNoS3Servers();
/** The name that the server calls itself, for buckets in host names. */
const DOMAIN = 's3.croft.test';
/** The library asks anew for keys that end within five minutes. */
const LATE_MS = 5 * 60_000;

/** Nothing of this machine's own keys, and these; put back when the test ends. */
function environment(values: Record<string, string>): void {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true' }, values);
  if (values.AWS_EC2_METADATA_DISABLED === '') delete process.env.AWS_EC2_METADATA_DISABLED;
  atEnd(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
}

/** Bytes of every way come in and go out. */
async function expectWorks(store: BlobStore): Promise<void> {
  const short = [Buffer.from(`one ${Math.random()}`), Buffer.from(`two ${Math.random()}`)];
  await store.putPack(short.map((bytes) => ({ id: blobIdOfBytes(bytes), bytes })));
  for (const bytes of short) expect((await readAll(store, blobIdOfBytes(bytes))).equals(bytes)).toBe(true);
  const bytes = Buffer.alloc(2_000_000, String(Math.random()));
  const upload = { owner: 'account-1', id: blobIdOfBytes(bytes), size: bytes.length };
  const put = await store.direct!.partAddress(upload, 0, upload.id.slice('sha256-'.length));
  const answer = await fetch(put.url, { method: 'PUT', headers: put.headers, body: bytes });
  expect(answer.status).toBe(200);
  await store.complete(upload);
  const get = await store.direct!.blobAddress(upload.id);
  expect(Buffer.from(await (await fetch(get!.url)).arrayBuffer()).equals(bytes)).toBe(true);
}

interface Role {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
}

/** A key of MinIO that lives for a quarter of an hour and is worth nothing without its token. */
async function assumeRole({ endpoint, credentials }: S3Server): Promise<Role> {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const body = 'Action=AssumeRole&Version=2011-06-15&DurationSeconds=900';
  const type = 'application/x-www-form-urlencoded';
  const at = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = at.slice(0, 8);
  const signed = 'content-type;host;x-amz-date';
  const headers = `content-type:${type}\nhost:${new URL(endpoint).host}\nx-amz-date:${at}\n`;
  const scope = `${day}/us-east-1/sts/aws4_request`;
  const request = ['POST', '/', '', headers, signed, sha(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha(request)].join('\n');
  const key = ['us-east-1', 'sts', 'aws4_request'].reduce<Buffer>(
    hmac,
    hmac(`AWS4${credentials.secretAccessKey}`, day),
  );
  const credential = `Credential=${credentials.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signed}, Signature=${hmac(key, toSign).toString('hex')}`;
  const answer = await fetch(endpoint, {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'x-amz-date': at, authorization },
  });
  const text = await answer.text();
  const field = (name: string) => new RegExp(`<${name}>([^<]+)`).exec(text)?.[1] ?? '';
  return {
    AccessKeyId: field('AccessKeyId'),
    SecretAccessKey: field('SecretAccessKey'),
    Token: field('SessionToken'),
  };
}

/**
 * What gives keys to a container (/container) or a machine (/latest/...) of Amazon's: a new one each time, which seems to end so
 * early that it is asked for again after `livesMs`.
 */
async function roleGiver(minio: S3Server, livesMs: number) {
  const given: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/latest/api/token') return response.end('a token of the machine');
    if (request.url === '/latest/meta-data/iam/security-credentials/') return response.end('renderer');
    if (request.url === '/container' && request.headers.authorization !== 'let me in') {
      response.statusCode = 401;
      return response.end('{}');
    }
    const role = await assumeRole(minio);
    given.push(role.Token);
    const Expiration = new Date(Date.now() + LATE_MS + livesMs).toISOString();
    return response.end(JSON.stringify({ Code: 'Success', ...role, Expiration }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, given };
}

/** The session's token in an address that the store signs. */
async function tokenOf(store: BlobStore): Promise<string | null> {
  const address = await store.direct!.blobAddress(blobIdOfBytes(Buffer.from('whatever')));
  return new URL(address!.url).searchParams.get('X-Amz-Security-Token');
}

if (why !== null) describe.skip(`keys of a bucket (skipped: ${why})`, () => {});
else
  describe('keys of a bucket are found as by the tools of Amazon', () => {
    let minio: S3Server;
    let versity: S3Server;

    beforeAll(async () => {
      minio = await startS3Server('minio', [BUCKET], { MINIO_DOMAIN: DOMAIN });
      versity = await startS3Server('versitygw', [BUCKET], { VGW_REGION: 'eu-central-1' });
    }, S3_BUILD_MS);
    afterAll(async () => {
      await minio?.close();
      await versity?.close();
    });

    test('in the environment', async () => {
      const { accessKeyId, secretAccessKey } = minio.credentials;
      environment({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
      const store = await placeIn(minio, temporaryFolder()).open({ credentials: null });
      await expectWorks(store);
      await store.close();
    });

    test('in a profile below the home folder, with the token of a session', async () => {
      const home = temporaryFolder();
      const { AccessKeyId, SecretAccessKey, Token } = await assumeRole(minio);
      const lines = (token: string) =>
        `[default]\naws_access_key_id = nobody\naws_secret_access_key = nothing\n\n[farm]\naws_access_key_id = ${AccessKeyId}\naws_secret_access_key = ${SecretAccessKey}\naws_session_token = ${token}\n`;
      await mkdir(join(home, '.aws'));
      await writeFile(join(home, '.aws', 'credentials'), lines(Token));
      environment({ HOME: home, AWS_PROFILE: 'farm' });
      const store = await placeIn(minio, temporaryFolder()).open({ credentials: null });
      await expectWorks(store);
      expect(await tokenOf(store)).toBe(Token);
      await store.close();
      const other = temporaryFolder();
      await mkdir(join(other, '.aws'));
      await writeFile(join(other, '.aws', 'credentials'), lines(`${Token}x`));
      environment({ HOME: other, AWS_PROFILE: 'farm' });
      await expect(placeIn(minio, temporaryFolder()).open({ credentials: null })).rejects.toMatchObject({
        code: 'TRANSFER_STORE_REFUSED',
      });
    });

    test.each([
      [
        'the container',
        (url: string) => ({
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: 'let me in',
        }),
      ],
      [
        'the machine',
        (url: string) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: '' }),
      ],
    ])('of the role of %s, and a new one before the old one ends', async (_where, settings) => {
      const giver = await roleGiver(minio, 400);
      environment({ HOME: temporaryFolder(), ...settings(giver.url) });
      const store = await placeIn(minio, temporaryFolder()).open({ credentials: null });
      await expectWorks(store);
      const first = await tokenOf(store);
      expect(giver.given).toContain(first);
      await new Promise((done) => setTimeout(done, 500));
      await expectWorks(store);
      const second = await tokenOf(store);
      expect(second).not.toBe(first);
      expect(giver.given).toContain(second);
      await store.close();
    });

    test('nowhere: one sentence says so, and how to give one', async () => {
      environment({ HOME: temporaryFolder() });
      await expect(placeIn(minio, temporaryFolder()).open({ credentials: null })).rejects.toMatchObject({
        code: 'TRANSFER_STORE_REFUSED',
        message: expect.stringContaining('there is no key for the S3 server'),
        hint: expect.stringContaining('CROFT_S3_KEY_ID'),
      });
    });

    test('a key that is not known, or has another secret, is told as that', async () => {
      for (const server of [minio, versity]) {
        const { open } = placeIn(server, temporaryFolder(), '&region=eu-central-1');
        for (const wrong of [{ accessKeyId: 'nobody' }, { secretAccessKey: 'wrong' }])
          await expect(open({ credentials: { ...server.credentials, ...wrong } })).rejects.toMatchObject({
            code: 'TRANSFER_STORE_REFUSED',
            message: expect.stringMatching(/^the S3 server refuses .*(key|signature)/i),
          });
      }
    });

    test('the region is that of the address, and a wrong one is told', async () => {
      const right = await placeIn(versity, temporaryFolder(), '&region=eu-central-1').open();
      await expectWorks(right);
      await right.close();
      await expect(placeIn(versity, temporaryFolder()).open()).rejects.toMatchObject({
        code: 'TRANSFER_STORE_REFUSED',
        message: expect.stringContaining('eu-central-1'),
      });
    });

    test('the bucket may be in the host name', async () => {
      const asked = new Set<string>();
      const lookup = vi.spyOn(dns, 'lookup');
      atEnd(() => lookup.mockRestore());
      lookup.mockImplementation(((name: string, options: dns.LookupOptions, tell: Tell) => {
        asked.add(name);
        if (options.all === true) tell(null, [{ address: '127.0.0.1', family: 4 }]);
        else tell(null, '127.0.0.1', 4);
      }) as never);
      const endpoint = minio.endpoint.replace('127.0.0.1', DOMAIN);
      const store = await placeIn({ ...minio, endpoint }, temporaryFolder(), '&path-style=off').open();
      await expectWorks(store);
      const address = await store.direct!.blobAddress(blobIdOfBytes(Buffer.from('whatever')));
      expect(new URL(address!.url).hostname).toBe(`${BUCKET}.${DOMAIN}`);
      expect(asked).toEqual(new Set([`${BUCKET}.${DOMAIN}`]));
      await store.close();
    });
  });

type Tell = (
  error: Error | null,
  address: string | { address: string; family: number }[],
  family?: number,
) => void;
