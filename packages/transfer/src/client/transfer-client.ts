/** The engine that moves bytes between a disk and a farm: for the SDK (trees of an account) and for nodes (attempts). */
import { type Clock, CroftError, type Log, MiB, type TreeEntry, type TreeRoot } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import { HashPool } from '../files/hash-pool.ts';
import { Gate } from './lanes.ts';
import { RateLimit } from './pace/rate-limit.ts';
import { ProgressMeter, type TransferPhase } from './progress.ts';
import { downloadTree } from './receive/download.ts';
import { fetchInputs } from './receive/fetch-inputs.ts';
import { PlaceThread } from './receive/place-thread.ts';
import { isDeltaWanted } from './send/delta-rule.ts';
import { sendTree } from './send/send-tree.ts';
import { sendFiles } from './send/upload.ts';
import type { UploadFile } from './send/upload-file.ts';
import { DirectLane } from './wire/direct-lane.ts';
import { readBytes } from './wire/door-answer.ts';
import { DoorClient } from './wire/door-client.ts';
import { type Authorise, DoorHttp } from './wire/door-http.ts';
import { HttpSender } from './wire/http-sender.ts';
import { type CompressRule, WireCompression } from './wire/wire-compression.ts';
import type { DownloadWish, FetchInputsWish, SentOutput, TransferControls, UploadWish } from './wishes.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const REQUESTS_AT_ONCE = 4;
/** How often a tree is listed for one download while its paths get new bytes. */
const LISTINGS_AT_MOST = 5;

export interface TransferClientOptions {
  /** Address of the farm, `https://farm:8443`, with the path prefix of a proxy: `https://farm/croft`. */
  baseUrl: string;
  /** Signs each request, or adds a node's bearer token. */
  authorise: Authorise;
  clock: Clock;
  log: Log;
  /** How long no byte may move before a connection counts as dead and is made anew; default 15 s. */
  zeroSpeedMs?: number | undefined;
  /** Whether content travels compressed; default `auto`. */
  compress?: CompressRule | undefined;
  /** So many requests with bytes at once in uploads, fewer once some break; default eight, four with a limit. */
  requestsAtOnce?: number | undefined;
}

/** Outputs are new bytes nearly always. */
const UNASKED_OUTPUT_BYTES = MiB;

export class TransferClient {
  readonly #clock: Clock;
  readonly #door: DoorClient;
  readonly #sender = new HttpSender();
  readonly #pool = new HashPool();
  readonly #places = new PlaceThread();
  readonly #wire: WireCompression;
  readonly #isLoopback: boolean;
  readonly #requestsAtOnce: number | undefined;

  constructor(options: TransferClientOptions) {
    this.#requestsAtOnce = options.requestsAtOnce;
    this.#clock = options.clock;
    this.#isLoopback = LOOPBACK.test(new URL(options.baseUrl).hostname);
    this.#wire = new WireCompression(options.compress ?? 'auto', this.#isLoopback, options.clock);
    const http = new DoorHttp(options, this.#sender, this.#wire);
    const direct = new DirectLane(http, this.#sender, this.#wire.up, options.clock, options.log);
    this.#door = new DoorClient(http, direct);
  }

  /**
   * Sends what the farm lacks, then switches all paths, up to 50,000 in one commit. Repeating it after any failure is
   * right. Many files are taken slice by slice (see send-tree.ts), so `onProgress` knows the totals of the slices so far.
   */
  upload(wish: UploadWish): Promise<{ version: number; entries: TreeEntry[] }> {
    return this.#running(wish, 'scanning', async (meter, limit) => {
      const link = { isLoopback: this.#isLoopback, limit, rate: this.#wire.up };
      const isWanted = () => wish.root === 'input' && isDeltaWanted(wish.delta ?? 'auto', link);
      const parts = {
        ...this.#parts(wish, meter, limit),
        deltaRoot: () => (isWanted() ? wish.root : undefined),
        shownIn: wish.root,
      };
      return sendTree(parts, wish);
    });
  }

  /**
   * Which of the entries the tree does not show exactly so, or has lost the bytes of: their indexes, in no order. Nothing need
   * be done for the others; these are uploaded as ever. All of them where the farm does not know the question.
   */
  differing(root: TreeRoot, entries: readonly TreeEntry[], controls: TransferControls): Promise<Set<number>> {
    return this.#running(controls, 'asking', async (_meter, limit) => {
      const options = { signal: controls.signal, limit };
      const { differing } = await this.#door.differing(root, entries, options);
      return differing;
    });
  }

  /**
   * Brings files of a tree to a folder. Files that are there already, byte for byte, are left alone; what becomes of others
   * of the same name is `existing`'s to say. Where a path got new bytes on the farm meanwhile, the tree is listed again and its new bytes come;
   * with `entries` given that is TRANSFER_SOURCE_CHANGED, since only the caller knows what it wants now.
   */
  download(wish: DownloadWish): Promise<{ files: number }> {
    return this.#running(wish, 'listing', async (meter, limit) => {
      for (let listing = 1; ; listing++) {
        try {
          return await downloadTree(this.#receiving(wish, meter, limit), wish);
        } catch (thrown) {
          const isOld = thrown instanceof CroftError && thrown.code === 'TRANSFER_SOURCE_CHANGED';
          if (!isOld || wish.entries !== undefined || listing === LISTINGS_AT_MOST) throw thrown;
        }
      }
    });
  }

  /** What lies in a tree at or below `prefix`. */
  list(
    root: TreeRoot,
    options: { prefix?: string; version?: number; ownerId?: number; signal?: AbortSignal } = {},
  ): Promise<TreeEntry[]> {
    const { prefix, version, ...rest } = options;
    return holdingProcess(async () => {
      await using listed = await this.#door.tree(root, prefix, version, { signal: undefined, ...rest });
      return Array.fromAsync(listed);
    });
  }

  /** One file of a tree as bytes in memory, for small texts. TRANSFER_TOO_LARGE beyond `maxBytes`. */
  async readFile(root: TreeRoot, path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const entry = (await this.list(root, { prefix: path, ...(signal ? { signal } : {}) })).find(
      (one) => one.path === path,
    );
    if (entry === undefined)
      throw transferErrors.TRANSFER_NOT_FOUND(`the ${root} storage has no file ${path}`);
    if (entry.size > maxBytes) throw transferErrors.TRANSFER_TOO_LARGE(`${path} has ${entry.size} bytes`);
    const source = { kind: 'file', root, path, version: undefined, id: entry.id } as const;
    return holdingProcess(() =>
      this.#door.bytes(source, 0, entry.size, (body) => readBytes(body, entry.size), {
        signal,
      }),
    );
  }

  /**
   * For nodes: brings all inputs of the attempt into the cache, then copies each to its place (a reflink where the disk
   * can, so that an app which writes over its input never reaches the cache).
   */
  fetchInputs(wish: FetchInputsWish): Promise<{ files: number }> {
    return this.#running(wish, 'listing', (meter, limit) =>
      fetchInputs(this.#receiving(wish, meter, limit), wish),
    );
  }

  /** For nodes: makes sure the farm has the bytes of outputs; the completion of the frame publishes them. */
  sendOutputs(files: Iterable<UploadFile>, controls: TransferControls = {}): Promise<SentOutput[]> {
    return this.#running(controls, 'scanning', async (meter, limit) => {
      const { entries } = await sendFiles(
        { ...this.#parts(controls, meter, limit), unaskedBytes: UNASKED_OUTPUT_BYTES },
        files,
      );
      meter.rename('done');
      return entries;
    });
  }

  /** Ends threads and connections. Transfers under way fail. */
  close(): Promise<void> {
    this.#sender.close();
    return Promise.all([this.#pool.close(), this.#places.close()]).then(() => undefined);
  }

  #parts(controls: TransferControls, meter: ProgressMeter, limit: RateLimit | undefined) {
    const own = {
      door: this.#door,
      pool: this.#pool,
      clock: this.#clock,
      requestsAtOnce: this.#requestsAtOnce,
    };
    return { ...own, meter, signal: controls.signal, limit };
  }

  #receiving(controls: TransferControls, meter: ProgressMeter, limit: RateLimit | undefined) {
    const own = { gate: new Gate(REQUESTS_AT_ONCE), touched: new Set<string>(), places: this.#places };
    return { ...this.#parts(controls, meter, limit), ...own };
  }

  #running<Result>(
    controls: TransferControls,
    phase: TransferPhase,
    action: (meter: ProgressMeter, limit: RateLimit | undefined) => Promise<Result>,
  ): Promise<Result> {
    const meter = new ProgressMeter(this.#clock, phase, controls.onProgress);
    const limit =
      controls.limitKbps === undefined ? undefined : new RateLimit(this.#clock, controls.limitKbps);
    return holdingProcess(() => action(meter, limit));
  }
}

/** The clock's timers never keep a process alive, so one that waits before a retry would simply end. */
async function holdingProcess<Result>(action: () => Promise<Result>): Promise<Result> {
  const hold = setInterval(() => undefined, 2 ** 30);
  try {
    return await action();
  } finally {
    clearInterval(hold);
  }
}
