import { type Answer, receiveError } from './messages.ts';

/** Questions that wait for their answer, by id. */
export class Pending {
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #failure: Error | null = null;

  /** Gives the question an id, sends it, and resolves with its answer. */
  ask(send: (id: number) => void): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      send(id);
    });
  }

  answer(id: number, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (answer.ok) waiting?.resolve(answer.value);
    else waiting?.reject(receiveError(answer.error));
  }

  /** Fails all that wait and all that will be asked: whoever would answer is gone. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
