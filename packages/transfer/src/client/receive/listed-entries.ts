/**
 * What a tree holds, as it was listed: a few entries in memory, many in a file, to be gone through one by one and as often as
 * wanted. So memory does not grow with the number of files, and the farm need not wait with its list while they are fetched.
 */
import type { TreeEntry } from '@croft/contract';
import { readNdjson } from '../../formats/ndjson.ts';
import { EntrySpool } from '../entry-spool.ts';

/** Entries and how many they are. `bytes`: all their sizes together. */
export interface EntryList extends AsyncIterable<TreeEntry>, AsyncDisposable {
  readonly files: number;
  readonly bytes: number;
}

const ADDED_AT_ONCE = 1000;

export class ListedEntries implements EntryList {
  files = 0;
  bytes = 0;
  readonly #spool = new EntrySpool(Number.POSITIVE_INFINITY);
  #added: TreeEntry[] = [];

  /** All entries that `source` gives. Throws what it throws, and TRANSFER_NO_SPACE; then nothing is left behind. */
  static async of(source: AsyncIterable<TreeEntry> | Iterable<TreeEntry>): Promise<ListedEntries> {
    const listed = new ListedEntries();
    try {
      for await (const entry of source) await listed.#add(entry);
      await listed.#flush();
      return listed;
    } catch (thrown) {
      await listed[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TreeEntry> {
    const [lines] = this.#spool.bodies();
    // They were checked when they came.
    if (lines !== undefined)
      for await (const entry of readNdjson(lines.pieces, this.files)) yield entry as TreeEntry;
  }

  /** Takes the file away. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#spool.close();
  }

  async #add(entry: TreeEntry): Promise<void> {
    this.files += 1;
    this.bytes += entry.size;
    this.#added.push(entry);
    if (this.#added.length === ADDED_AT_ONCE) await this.#flush();
  }

  async #flush(): Promise<void> {
    await this.#spool.add(this.#added);
    this.#added = [];
  }
}

/** What the caller has in memory anyway. */
export function givenEntries(entries: readonly TreeEntry[]): EntryList {
  return {
    files: entries.length,
    bytes: entries.reduce((sum, { size }) => sum + size, 0),
    async *[Symbol.asyncIterator]() {
      yield* entries;
    },
    async [Symbol.asyncDispose]() {},
  };
}
