/** Jobs that run one after another beside their producer, who waits when `most` of them are not done. */
export class BoundedQueue {
  readonly #most: number;
  #undone = 0;
  #tail: Promise<void> = Promise.resolve();
  #room: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when the job is accepted, not when it is done. A job must not throw. */
  async push(job: () => Promise<void>): Promise<void> {
    while (this.#undone >= this.#most) await new Promise<void>((resolve) => this.#room.push(resolve));
    this.#undone += 1;
    this.#tail = this.#tail.then(job).finally(() => {
      this.#undone -= 1;
      this.#room.shift()?.();
    });
  }

  /** Resolves when all accepted jobs are done. */
  idle(): Promise<void> {
    return this.#tail;
  }
}
