/** Jobs that run beside their producer and each other; the producer waits when `most` of them are not done. */
export class BoundedJobs {
  readonly #most: number;
  readonly #undone = new Set<Promise<void>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when the job is accepted, not when it is done. A job must not throw. */
  async push(job: () => Promise<void>): Promise<void> {
    while (this.#undone.size >= this.#most) await Promise.race(this.#undone);
    const running: Promise<void> = job().finally(() => this.#undone.delete(running));
    this.#undone.add(running);
  }

  /** Resolves when all accepted jobs are done. */
  async idle(): Promise<void> {
    while (this.#undone.size > 0) await Promise.all(this.#undone);
  }
}
