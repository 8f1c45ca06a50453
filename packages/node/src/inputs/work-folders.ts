/**
 * Materialised inputs, one folder a set of inputs: `work/<hash of key>-<n>/` with `inputs/` (tree path /a/b at
 * inputs/a/b, localised by the app once) and, when all is done, `ready.json` with the key and the fingerprint. A folder
 * without `ready.json` is unfinished and thrown away.
 *
 * A folder has users (attempts, open sessions). When an app changed its inputs the folder is spoiled: nobody gets it
 * any more, and it goes when its last user does; the next attempt gets a fresh one under another number.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AttemptOrder,
  type Clock,
  CroftError,
  coerceError,
  confinedPath,
  GiB,
  type Log,
} from '@croft/contract';
import type { App, WorkFolder } from '@croft/dcc';
import { nodeErrors } from '../errors.ts';
import type { AttemptTransfer } from '../ports.ts';
import { differenceTo, type Fingerprint, fingerprintOf, removeAll } from './fingerprint.ts';
import { freeBytes, type InputCache } from './input-cache.ts';

/** One use of a work folder. Give it back with `release`. */
export interface WorkLease {
  readonly work: WorkFolder;
  readonly isSpoiled: boolean;
  /** Looks whether the inputs are as they were; spoils the folder where not. True when clean. */
  verify(): Promise<boolean>;
  release(): Promise<void>;
}

interface Folder {
  readonly key: string;
  readonly path: string;
  fingerprint: Fingerprint;
  users: number;
  isSpoiled: boolean;
  usedAt: number;
}

const MOST_FOLDERS = 50;
const LEAST_FREE_BYTES = 4 * GiB;
const READY = 'ready.json';

export class WorkFolders {
  readonly #root: string;
  readonly #cache: InputCache;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #folders = new Map<string, Promise<Folder>>();
  #nextNumber = 1;

  constructor(parts: { root: string; cache: InputCache; clock: Clock; log: Log }) {
    this.#root = parts.root;
    this.#cache = parts.cache;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Takes over folders of an earlier run that are whole and unchanged; throws the rest away. */
  async adopt(): Promise<void> {
    for (const name of await readdir(this.#root)) {
      const path = join(this.#root, name);
      const ready = await readReady(join(path, READY));
      const isClean = ready !== null && (await isUnchanged(join(path, 'inputs'), ready.fingerprint));
      if (!isClean || this.#folders.has(ready.key)) {
        await rm(path, { recursive: true, force: true });
        continue;
      }
      const folder = { ...ready, path, users: 0, isSpoiled: false, usedAt: ready.usedAt };
      this.#folders.set(ready.key, Promise.resolve(folder));
      this.#nextNumber = Math.max(this.#nextNumber, 1 + Number(name.split('-')[1] ?? 0));
    }
  }

  /** The inputs of the order, ready to render. Two orders with one key share the work. Throws what fetching throws. */
  async lease(
    order: AttemptOrder,
    app: App,
    transfer: AttemptTransfer,
    signal: AbortSignal,
  ): Promise<WorkLease> {
    const key = `${order.app} ${order.inputsKey} ${order.scenePath}`;
    for (;;) {
      let making = this.#folders.get(key);
      const isMine = making === undefined;
      making ??= this.#make(key, order, app, transfer, signal);
      if (isMine) this.#keep(key, making);
      try {
        const folder = await making;
        if (folder.isSpoiled) continue;
        return this.#leaseOf(folder, order.scenePath);
      } catch (thrown) {
        // Another order made it and was cancelled: that is not this order's end.
        if (isMine || signal.aborted || !isStopped(thrown)) throw thrown;
      }
    }
  }

  #keep(key: string, making: Promise<Folder>): void {
    this.#folders.set(key, making);
    making.catch(() => {
      if (this.#folders.get(key) === making) this.#folders.delete(key);
    });
  }

  #leaseOf(folder: Folder, scenePath: string): WorkLease {
    folder.users += 1;
    folder.usedAt = this.#clock.now();
    let isHeld = true;
    return {
      work: { inputs: join(folder.path, 'inputs'), scenePath },
      get isSpoiled() {
        return folder.isSpoiled;
      },
      verify: () => this.#verify(folder),
      release: async () => {
        if (!isHeld) return;
        isHeld = false;
        folder.users -= 1;
        if (folder.users === 0 && folder.isSpoiled) await rm(folder.path, { recursive: true, force: true });
      },
    };
  }

  async #verify(folder: Folder): Promise<boolean> {
    if (folder.isSpoiled) return false;
    const inputs = join(folder.path, 'inputs');
    const { changed, added } = await differenceTo(inputs, folder.fingerprint).catch(() => GONE);
    if (changed === null) {
      // Files an app left beside its inputs go once nobody else renders from them.
      if (added.length > 0 && folder.users <= 1) await removeAll(inputs, added);
      return true;
    }
    this.#log.warn({ path: changed }, 'an app changed its inputs; the work folder is thrown away');
    folder.isSpoiled = true;
    this.#folders.delete(folder.key);
    return false;
  }

  async #make(
    key: string,
    order: AttemptOrder,
    app: App,
    transfer: AttemptTransfer,
    signal: AbortSignal,
  ): Promise<Folder> {
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const path = join(this.#root, `${hash}-${this.#nextNumber++}`);
    const inputs = join(path, 'inputs');
    try {
      await this.#dropOld();
      await mkdir(inputs, { recursive: true });
      await this.#cache.fill((onInput) => transfer.fetchInputs(this.#cache.folder, inputs, onInput, signal));
      if (!(await isFile(join(inputs, confinedPath(order.scenePath))))) {
        throw nodeErrors.NODE_INPUT_MISSING(
          `the scene ${order.scenePath} is not among the inputs of the task`,
        );
      }
      await app.localise({ inputs, scenePath: order.scenePath });
      const folder = {
        key,
        path,
        fingerprint: await fingerprintOf(inputs),
        users: 0,
        isSpoiled: false,
        usedAt: this.#clock.now(),
      };
      await writeReady(folder);
      return folder;
    } catch (thrown) {
      await rm(path, { recursive: true, force: true });
      if (signal.aborted) throw nodeErrors.NODE_STOPPED('the attempt was stopped', { cause: thrown });
      throw coerceError(thrown);
    }
  }

  /** Throws away unused folders, longest unused first, down to the number that may be kept, and all of them when the disk is short. */
  async #dropOld(): Promise<void> {
    const settled = await Promise.allSettled(
      [...this.#folders.values()].map((making) => Promise.race([making, UNDONE])),
    );
    const idle = settled
      .flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? one.value : []))
      .filter((folder) => folder.users === 0)
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const folder of idle) {
      const hasRoom = (await freeBytes(this.#root)) >= LEAST_FREE_BYTES;
      if (hasRoom && this.#folders.size <= MOST_FOLDERS) return;
      if (folder.users > 0) continue;
      folder.isSpoiled = true;
      this.#folders.delete(folder.key);
      await rm(folder.path, { recursive: true, force: true });
    }
  }
}

/** What is left of inputs that cannot even be listed. */
const GONE = { changed: 'the whole folder', added: [] };
const UNDONE = Promise.resolve(null);

function isStopped(thrown: unknown): boolean {
  return thrown instanceof CroftError && thrown.code === 'NODE_STOPPED';
}

async function isUnchanged(inputs: string, fingerprint: Fingerprint): Promise<boolean> {
  try {
    const { changed, added } = await differenceTo(inputs, fingerprint);
    return changed === null && added.length === 0;
  } catch {
    return false;
  }
}

async function writeReady(folder: Folder): Promise<void> {
  const file = join(folder.path, READY);
  const body = { key: folder.key, usedAt: folder.usedAt, fingerprint: [...folder.fingerprint] };
  await writeFile(`${file}.new`, JSON.stringify(body));
  await rename(`${file}.new`, file);
}

async function readReady(
  file: string,
): Promise<{ key: string; usedAt: number; fingerprint: Fingerprint } | null> {
  try {
    const { key, usedAt, fingerprint } = JSON.parse(await readFile(file, 'utf8'));
    return { key: String(key), usedAt: Number(usedAt), fingerprint: new Map(fingerprint) };
  } catch {
    return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
