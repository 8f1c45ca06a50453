/** Waiting between tries: doubles from `firstMs` to `mostMs`, each wait between half and all of it by chance. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #tries = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  nextMs(): number {
    const full = Math.min(this.#mostMs, this.#firstMs * 2 ** Math.min(this.#tries, 30));
    this.#tries += 1;
    return full * (0.5 + Math.random() / 2);
  }

  reset(): void {
    this.#tries = 0;
  }
}
