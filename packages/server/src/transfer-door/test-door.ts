/**
 * For the tests of this folder: a real Fastify with the real door over a real blob store, and a test double of the few
 * farm calls that the door makes. Whole-system tests use the real farm.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobId, type Clock, silentLog, systemClock, type TreeEntry } from '@croft/contract';
import type { AttemptGrant, TreeRef } from '@croft/farm';
import {
  type BlobStore,
  openFsBlobStore,
  type SyncPolicy,
  TransferClient,
  type TransferClientOptions,
  transferErrors,
} from '@croft/transfer';
import Fastify from 'fastify';
import type { TransferCalls, TransferPrincipal, TransferReads } from './ports.ts';
import { registerTransferDoor } from './transfer-door.ts';

/** What the farm remembers for the door. It outlives a restart of the door, as the farm's database would. */
export class MemoryFarm implements TransferCalls, TransferReads {
  readonly refers = new Map<number, Set<BlobId>>();
  readonly sizes = new Map<number, Set<number>>();
  readonly trees = new Map<string, Map<string, TreeEntry>[]>();
  readonly attempts = new Map<string, AttemptGrant>();

  async missingBlobs(accountId: number, ids: BlobId[]): Promise<Set<BlobId>> {
    return new Set(ids.filter((id) => !this.refers.get(accountId)?.has(id)));
  }
  async sizesReferred(accountId: number, sizes: number[]): Promise<Set<number>> {
    return new Set(sizes.filter((size) => this.sizes.get(accountId)?.has(size)));
  }
  async blobsArrived(accountId: number, blobs: { id: BlobId; size: number }[]): Promise<void> {
    const refers = this.refers.get(accountId) ?? new Set();
    const sizes = this.sizes.get(accountId) ?? new Set();
    for (const { id, size } of blobs) {
      refers.add(id);
      sizes.add(size);
    }
    this.refers.set(accountId, refers);
    this.sizes.set(accountId, sizes);
  }
  async commitTree(tree: TreeRef, entries: TreeEntry[]): Promise<{ version: number }> {
    for (const { id } of entries) {
      if (!this.refers.get(tree.accountId)?.has(id))
        throw transferErrors.TRANSFER_BLOB_MISSING(`${id} is not here`);
    }
    const versions = this.#versions(tree);
    const next = new Map(versions.at(-1));
    for (const entry of entries) next.set(entry.path, entry);
    versions.push(next);
    return { version: versions.length };
  }
  async *treeEntries(tree: TreeRef, prefix: string, version?: number): AsyncGenerator<TreeEntry> {
    const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const entries = [...this.#at(tree, version).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const entry of entries) if (entry.path === prefix || entry.path.startsWith(folder)) yield entry;
  }
  async treeEntry(tree: TreeRef, path: string, version?: number): Promise<TreeEntry | null> {
    return this.#at(tree, version).get(path) ?? null;
  }
  async treeEntriesAt(tree: TreeRef, paths: readonly string[], version?: number): Promise<TreeEntry[]> {
    return paths.flatMap((path) => this.#at(tree, version).get(path) ?? []);
  }
  async differingEntries(tree: TreeRef, entries: readonly TreeEntry[]) {
    const shown = this.#at(tree);
    const differs = ({ path, id, mtimeMs }: TreeEntry) =>
      shown.get(path)?.id !== id || shown.get(path)?.mtimeMs !== mtimeMs;
    const differing = entries.flatMap((entry, index) => (differs(entry) ? index : []));
    return { version: this.#versions(tree).length, differing };
  }
  async outputIds(viewerId: number, ownerIds: number[]): Promise<{ ownerId: number; bid: string }[]> {
    return ownerIds.filter((id) => id === viewerId).map((ownerId) => ({ ownerId, bid: '' }));
  }
  attemptInputs(grant: AttemptGrant): AsyncGenerator<TreeEntry> {
    return this.treeEntries({ accountId: grant.accountId, root: 'input' }, '/', grant.inputVersion);
  }
  async inputBlobSize(grant: AttemptGrant, id: BlobId): Promise<number | null> {
    const inputs = this.#at({ accountId: grant.accountId, root: 'input' }, grant.inputVersion);
    return [...inputs.values()].find((entry) => entry.id === id)?.size ?? null;
  }
  async inputBlobSizes(grant: AttemptGrant, ids: readonly BlobId[]): Promise<Map<BlobId, number>> {
    const inputs = this.#at({ accountId: grant.accountId, root: 'input' }, grant.inputVersion);
    const wanted = new Set(ids);
    const found = [...inputs.values()].filter(({ id }) => wanted.has(id));
    return new Map(found.map(({ id, size }) => [id, size]));
  }
  #versions({ accountId, root }: TreeRef): Map<string, TreeEntry>[] {
    const key = `${accountId} ${root}`;
    const versions = this.trees.get(key) ?? [];
    this.trees.set(key, versions);
    return versions;
  }
  #at(tree: TreeRef, version?: number): Map<string, TreeEntry> {
    const versions = this.#versions(tree);
    return versions[(version ?? versions.length) - 1] ?? new Map();
  }
}

/** Tells accounts by `Bearer account-N`, attempts by `Bearer <token>`; signatures are tested where they are made. */
async function principalOf(
  farm: MemoryFarm,
  authorization: string | undefined,
  signed: unknown,
): Promise<TransferPrincipal> {
  const token = authorization?.replace(/^Bearer /, '') ?? '';
  const account = /^account-(\d+)$/.exec(token);
  if (account) {
    const accountId = Number(account[1]);
    const bodySha256 = typeof signed === 'string' ? signed : undefined;
    return { kind: 'account', caller: { accountId, inputAccountId: accountId }, bodySha256 };
  }
  const grant = farm.attempts.get(token);
  if (grant === undefined) throw transferErrors.TRANSFER_NOT_SIGNED_IN('unknown token');
  return { kind: 'attempt', grant };
}

export interface TestDoor {
  url: string;
  port: number;
  blobs: BlobStore;
  close(): Promise<void>;
}

export async function openTestDoor(
  home: string,
  farm: MemoryFarm,
  options: { port?: number; clock?: Clock; blobs?: BlobStore; sync?: SyncPolicy } = {},
): Promise<TestDoor> {
  const { sync = 'always' } = options;
  const blobs = options.blobs ?? (await openFsBlobStore({ home, log: silentLog, keepFreeBytes: 0, sync }));
  const app = Fastify({ forceCloseConnections: true });
  await registerTransferDoor(app, {
    calls: farm,
    reads: farm,
    blobs,
    clock: options.clock ?? systemClock,
    log: silentLog,
    authenticate: (request) =>
      principalOf(farm, request.headers.authorization, request.headers['croft-content-sha256']),
  });
  const url = await app.listen({ port: options.port ?? 0, host: '127.0.0.1' });
  return {
    url,
    port: Number(new URL(url).port),
    blobs,
    async close() {
      await app.close();
      await blobs.close();
    },
  };
}

/** A client of account N, or of an attempt token. It promises the hash of every body, as a signature would. */
export function openTestClient(
  baseUrl: string,
  who: string,
  options: Partial<TransferClientOptions> = {},
): TransferClient {
  return new TransferClient({
    baseUrl,
    clock: systemClock,
    log: silentLog,
    authorise: (_method, _target, bodySha256) => ({
      authorization: `Bearer ${who}`,
      'croft-content-sha256': bodySha256,
    }),
    ...options,
  });
}

/** A fresh folder, removed by `await using`. */
export async function tempFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'croft-door-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
