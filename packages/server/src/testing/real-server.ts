/** A real server over a real farm in this process, for what only both together can show. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, silentLog, systemClock } from '@croft/contract';
import { sha256Hex, signNative } from '@croft/contract/signing';
import { type FarmCalls, type FarmReads, openFarmInProcess, type PlanningApp } from '@croft/farm';
import { openFsBlobStore } from '@croft/transfer';
import { createOutlet, type ServerOutlet } from '../outlet.ts';
import { type ServerOptions, startServer } from '../server.ts';
import { type Envelope, signedCall } from './test-server.ts';

export interface TestKey {
  accessId: string;
  accessKey: string;
  accountId: number;
}

export interface RealServer {
  readonly url: string;
  readonly calls: FarmCalls;
  readonly reads: FarmReads;
  /** Where nodes would listen for their orders. */
  readonly outlet: ServerOutlet;
  /** Puts bytes into the blob store; no account has them yet. */
  store(bytes: Uint8Array): Promise<{ id: BlobId; size: number }>;
  /** A signed call of the Renderbus API. */
  call(key: TestKey, path: string, body?: unknown): Promise<Envelope>;
  /** A request of the native API or the transfer door, signed where there is a key. */
  ask(
    key: TestKey | null,
    method: string,
    target: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string }>;
  /** What a key signs a request of the native API or the transfer door with. */
  signature(key: TestKey, method: string, target: string, body?: string): Record<string, string>;
  close(): Promise<void>;
}

export function blobOf(text: string): { id: BlobId; size: number } {
  return { id: `sha256-${createHash('sha256').update(text).digest('hex')}` as BlobId, size: text.length };
}

/** `apps` are those that the farm plans with; without them it plans nothing. */
export async function startRealServer(
  options: Partial<ServerOptions> = {},
  apps: readonly PlanningApp[] = [],
): Promise<RealServer> {
  const home = await mkdtemp(join(tmpdir(), 'croft-real-'));
  const blobs = await openFsBlobStore({ home: join(home, 'blobs'), log: silentLog });
  const outlet = createOutlet();
  const small = {
    async read(id: BlobId) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await blobs.read(id)).body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async store(bytes: Uint8Array) {
      const id = `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
      async function* body() {
        yield bytes;
      }
      await blobs.put(id, bytes.length, body());
      return { id, size: bytes.length };
    },
  };
  const parts = { home, clock: systemClock, log: silentLog, outlet };
  const farm = await openFarmInProcess({ ...parts, blobs: small, apps: async () => [...apps] });
  const server = await startServer({ ...parts, farm, blobs, port: 0, ...options });
  const signature: RealServer['signature'] = (key, method, target, body) =>
    signNative({
      method,
      host: `127.0.0.1:${server.port}`,
      target,
      accessId: key.accessId,
      secret: key.accessKey,
      timestampSeconds: Math.floor(Date.now() / 1000),
      nonce: randomBytes(12).toString('hex'),
      bodySha256: sha256Hex(body ?? ''),
    });
  return {
    url: server.url,
    calls: farm.calls,
    reads: farm.reads,
    outlet,
    store: small.store,
    async call(key, path, body = {}) {
      const { headers, bodyText } = signedCall(`127.0.0.1:${server.port}`, path, body, {
        accessId: key.accessId,
        secret: key.accessKey,
      });
      const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: bodyText });
      return (await response.json()) as Envelope;
    },
    async ask(key, method, target, body, headers = {}) {
      const signed = key === null ? {} : signature(key, method, target, body);
      const response = await fetch(`${server.url}${target}`, {
        method,
        headers: { ...signed, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, text: await response.text() };
    },
    signature,
    async close() {
      await server.close();
      await farm.close();
      await blobs.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
