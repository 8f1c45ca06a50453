/** A real server on a free port, with a farm double behind it, and a Renderbus client that signs. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, type Log, silentLog, systemClock } from '@croft/contract';
import { parseRawJson, renderbusSignature, renderbusStringToSign } from '@croft/contract/signing';
import { openFsBlobStore } from '@croft/transfer';
import { createOutlet, type ServerOutlet } from '../outlet.ts';
import { type Server, type ServerOptions, startServer } from '../server.ts';
import { ACCESS_ID, createFarmDouble, type FarmDouble, SECRET } from './farm-double.ts';

export interface TestServer {
  server: Server;
  farm: FarmDouble;
  outlet: ServerOutlet;
  home: string;
  /** Stores bytes and returns their id. */
  store(bytes: Uint8Array): Promise<BlobId>;
  /** Errors that the server logged. */
  errors: string[];
  /** Sends a signed call and returns the envelope. */
  call(path: string, body?: unknown, options?: CallOptions): Promise<Envelope>;
  close(): Promise<void>;
}

export interface Envelope {
  version: string;
  result: boolean;
  message: string;
  code: number;
  serverTime: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  data: any;
  requestId: string;
  detail?: string;
}

export interface CallOptions {
  /** Sent instead of what was signed. */
  bodyText?: string;
  accessId?: string;
  secret?: string;
  timestampSeconds?: number;
  nonce?: string;
  domain?: string;
  /** Headers to leave out. */
  without?: string[];
  /** Headers to add or replace after signing. */
  headers?: Record<string, string>;
}

/** Headers and body text of a signed call, as the real SDK makes them. */
export function signedCall(domain: string, path: string, body: unknown, options: CallOptions = {}) {
  const bodyText = JSON.stringify(body ?? {});
  const headers: Record<string, string> = {
    accessId: options.accessId ?? ACCESS_ID,
    channel: '4',
    platform: '2',
    UTCTimestamp: String(options.timestampSeconds ?? Math.floor(Date.now() / 1000)),
    // The SDK's six digits collide now and then among calls of one second.
    nonce: options.nonce ?? randomUUID(),
    version: '2.0.0',
  };
  const text = renderbusStringToSign({
    domain: options.domain ?? domain,
    path,
    headers,
    body: parseRawJson(new TextEncoder().encode(bodyText)),
  });
  headers.signature = renderbusSignature(text, options.secret ?? SECRET);
  headers['Content-Type'] = 'application/json';
  for (const name of options.without ?? []) delete headers[name];
  return { headers: { ...headers, ...options.headers }, bodyText: options.bodyText ?? bodyText };
}

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'croft-server-'));
  const farm = createFarmDouble();
  const blobs = await openFsBlobStore({ home: join(home, 'blobs'), log: silentLog });
  const outlet = createOutlet();
  const errors: string[] = [];
  const log: Log = { ...silentLog, error: (_fields, message) => errors.push(message), child: () => log };
  const cleanUp = async () => {
    await blobs.close();
    await rm(home, { recursive: true, force: true });
  };
  const server = await startServer({
    farm,
    blobs,
    outlet,
    port: 0,
    log,
    clock: systemClock,
    home,
    ...options,
  }).catch(async (thrown) => {
    await cleanUp();
    throw thrown;
  });
  return {
    server,
    farm,
    outlet,
    home,
    errors,
    async store(bytes) {
      const id = `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
      async function* body() {
        yield bytes;
      }
      await blobs.put(id, bytes.length, body());
      return id;
    },
    async call(path, body, callOptions = {}) {
      const signed = signedCall(`127.0.0.1:${server.port}`, path, body, callOptions);
      const response = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: signed.headers,
        body: signed.bodyText,
        redirect: 'manual',
      });
      if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
      return (await response.json()) as Envelope;
    },
    async close() {
      await server.close();
      await cleanUp();
    },
  };
}
