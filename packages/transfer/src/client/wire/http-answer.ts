/** The answer to a request of `HttpSender`. Who does not read its body to the end loses the connection, nothing else. */
import type { IncomingMessage } from 'node:http';
import { ConnectionBroke } from './connection-broke.ts';

export class HttpAnswer {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  get status(): number {
    return this.#message.statusCode ?? 0;
  }

  /** 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  header(name: string): string | null {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }

  /** The bytes as they come, once. `moved` is called for each chunk. Throws ConnectionBroke where they end early. */
  async *body(moved?: () => void): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#message) {
        moved?.();
        yield chunk as Uint8Array;
      }
    } catch (thrown) {
      throw ConnectionBroke.by(thrown);
    }
  }

  /** Lets a short body pass unread, so that the connection can be used again. */
  drop(): void {
    this.#message.resume();
  }
}
