/**
 * A BlobStore whose blobs can be collected while others send and read.
 *
 * The danger: a sender offers bytes that are there already, the store keeps its old copy, and a collection that began
 * before deletes it. So a collection leaves alone what is being stored, or was stored within RECENT_MS (time enough for
 * the farm to note it); and who stores bytes that are just being collected waits until they are gone, then stores them
 * again.
 */
import type { BlobId, Clock } from '@croft/contract';
import { MINUTE } from '@croft/contract';
import type {
  BlobReading,
  BlobStore,
  ByteRange,
  DirectAccess,
  NamedUploads,
  UnverifiedBlob,
  UploadRef,
} from './blob-store.ts';

/** Between the end of a `put` and its note in the farm lies one call; this is far more. */
const RECENT_MS = 10 * MINUTE;

/** Asks the farm which of the ids may really go; it forgets them, and answers them. */
export type Forget = (ids: BlobId[]) => Promise<readonly BlobId[]>;

export class CollectableStore implements BlobStore {
  readonly #store: BlobStore;
  readonly #recent: RecentIds;
  readonly #storing = new Map<BlobId, number>();
  readonly #leaving = new Map<BlobId, Promise<void>>();

  constructor(store: BlobStore, clock: Clock) {
    this.#store = store;
    this.#recent = new RecentIds(clock);
  }

  /** Deletes those of the ids that nobody stores now and that `forget` lets go; answers which. */
  async collect(ids: readonly BlobId[], forget: Forget): Promise<BlobId[]> {
    const free = ids.filter(
      (id) => !this.#storing.has(id) && !this.#leaving.has(id) && !this.#recent.has(id),
    );
    if (free.length === 0) return [];
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    for (const id of free) this.#leaving.set(id, over);
    try {
      const leaving = await forget(free);
      for (const id of leaving) await this.#store.delete(id);
      return [...leaving];
    } finally {
      for (const id of free) this.#leaving.delete(id);
      end();
    }
  }

  get direct(): DirectAccess | null {
    return this.#store.direct;
  }
  get named(): NamedUploads | null {
    const { named } = this.#store;
    if (named === null) return null;
    return {
      partsArrived: (upload) => named.partsArrived(upload),
      putPart: (upload, part, sha256Hex, body) => named.putPart(upload, part, sha256Hex, body),
      complete: (upload, id) => this.#whileStoring([id], () => named.complete(upload, id)),
      forget: (upload) => named.forget(upload),
    };
  }
  has(ids: Iterable<BlobId>): Promise<Set<BlobId>> {
    return this.#store.has(ids);
  }
  stat(id: BlobId): Promise<{ size: number } | null> {
    return this.#store.stat(id);
  }
  putPack(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void> {
    return this.#whileStoring(
      blobs.map(({ id }) => id),
      () => this.#store.putPack(blobs),
    );
  }
  put(id: BlobId, size: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#whileStoring([id], () => this.#store.put(id, size, body));
  }
  partsArrived(upload: UploadRef): Promise<number[]> {
    return this.#store.partsArrived(upload);
  }
  putPart(
    upload: UploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    return this.#store.putPart(upload, part, sha256Hex, body);
  }
  complete(upload: UploadRef): Promise<void> {
    return this.#whileStoring([upload.id], () => this.#store.complete(upload));
  }
  forget(upload: UploadRef): Promise<void> {
    return this.#store.forget(upload);
  }
  read(id: BlobId, range?: ByteRange): Promise<BlobReading> {
    return this.#store.read(id, range);
  }
  unverified(id: BlobId): Promise<UnverifiedBlob | null> {
    return this.#store.unverified(id);
  }
  readSmall(ids: readonly BlobId[]): Promise<{ id: BlobId; bytes: Uint8Array }[]> {
    return this.#store.readSmall(ids);
  }
  delete(id: BlobId): Promise<void> {
    return this.#store.delete(id);
  }
  list(): AsyncIterable<{ id: BlobId; size: number }> {
    return this.#store.list();
  }
  close(): Promise<void> {
    return this.#store.close();
  }

  async #whileStoring(ids: readonly BlobId[], work: () => Promise<void>): Promise<void> {
    for (const id of ids) await this.#leaving.get(id);
    for (const id of ids) this.#storing.set(id, (this.#storing.get(id) ?? 0) + 1);
    try {
      await work();
    } finally {
      for (const id of ids) {
        const left = this.#storing.get(id)! - 1;
        if (left === 0) this.#storing.delete(id);
        else this.#storing.set(id, left);
        this.#recent.add(id);
      }
    }
  }
}

/** Ids of the last RECENT_MS to twice that, 48 bits of each: some may look recent that are not, which does no harm. */
class RecentIds {
  readonly #clock: Clock;
  #since: number;
  #now = new Set<number>();
  #before = new Set<number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  add(id: BlobId): void {
    this.#turn();
    this.#now.add(keyOf(id));
  }

  has(id: BlobId): boolean {
    this.#turn();
    const key = keyOf(id);
    return this.#now.has(key) || this.#before.has(key);
  }

  #turn(): void {
    const age = this.#clock.now() - this.#since;
    if (age < RECENT_MS) return;
    this.#before = age < 2 * RECENT_MS ? this.#now : new Set();
    this.#now = new Set();
    this.#since = this.#clock.now();
  }
}

function keyOf(id: BlobId): number {
  return Number.parseInt(id.slice(-12), 16);
}
