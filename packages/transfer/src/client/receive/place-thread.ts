/** Short files into their places: few at once here, many in a thread that starts when it is first needed. */
import { Worker } from 'node:worker_threads';
import { workerFiles } from '../../worker-file.ts';
import { type PlaceFailure, placeFiles, type ShortFile } from './place-files.ts';

/** Up to so many cost less (2 ms) than waking a thread. */
const FEW_FILES = 16;

interface Waiting {
  resolve(failures: PlaceFailure[]): void;
  reject(error: Error): void;
}

export class PlaceThread {
  #worker: Worker | null = null;
  /** In the order of asking, which is that of the answers. */
  readonly #waiting: Waiting[] = [];

  place(files: readonly ShortFile[]): Promise<PlaceFailure[]> {
    if (files.length <= FEW_FILES) return Promise.resolve(placeFiles(files));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.ref();
      worker.postMessage(files);
    });
  }

  /** Ends the thread; orders under way reject. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(workerFiles.place);
    worker.on('message', (failures: PlaceFailure[]) => {
      this.#waiting.shift()?.resolve(failures);
      if (this.#waiting.length === 0) worker.unref();
    });
    const gone = (error: Error) => {
      if (this.#worker === worker) this.#worker = null;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    };
    worker.on('error', gone);
    worker.on('exit', () => gone(new Error('the thread that places files ended early')));
    return worker;
  }
}
