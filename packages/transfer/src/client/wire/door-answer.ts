/** An answer as the engine reads it: its body feeds the standstill watch, and lengths are bounded. */
import { KiB } from '@croft/contract';
import type * as z from 'zod';
import { transferErrors } from '../../errors.ts';
import type { LinkRate } from '../pace/link-rate.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { PaidAnswer } from './paid-answer.ts';
import { plainBody } from './plain-body.ts';
import type { Standstill } from './standstill.ts';

/** At what pace a body is read, and what ends the reading. */
interface Pace {
  limit?: RateLimit | undefined;
  paid?: PaidAnswer | undefined;
  signal?: AbortSignal | undefined;
  rate?: LinkRate | undefined;
}

export class DoorAnswer {
  readonly #answer: HttpAnswer;
  readonly #watch: Standstill;
  readonly #pace: Pace;

  constructor(answer: HttpAnswer, watch: Standstill, pace: Pace) {
    this.#answer = answer;
    this.#watch = watch;
    this.#pace = pace;
  }

  header(name: string): string | null {
    return this.#answer.header(name);
  }

  /** The plain bytes, whatever they travelled as. */
  body(): AsyncIterable<Uint8Array> {
    return plainBody(this.#answer, this.#chunks());
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { limit, paid, signal } = this.#pace;
    const moved = () => this.#watch.moved();
    if (paid !== undefined) return yield* this.#asPaid(paid, moved);
    if (limit === undefined) return yield* this.#measured(moved);
    for await (const chunk of this.#answer.body(moved)) {
      for await (const piece of limit.through(chunk, signal)) {
        // What waits for the limit does not stand still.
        moved();
        yield piece;
      }
    }
  }

  async *#asPaid(paid: PaidAnswer, moved: () => void): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#answer.body(moved)) {
      await paid.arrived(chunk.length);
      moved();
      yield chunk;
    }
  }

  async *#measured(moved: () => void): AsyncGenerator<Uint8Array> {
    const measured = this.#pace.rate?.begin();
    try {
      for await (const chunk of this.#answer.body(moved)) {
        measured?.moved(chunk.length);
        yield chunk;
      }
    } finally {
      measured?.end();
    }
  }

  /** A short JSON answer, checked. */
  async json<Schema extends z.ZodType>(schema: Schema, maxBytes = 1024 * KiB): Promise<z.infer<Schema>> {
    const parsed = schema.safeParse(parseJson((await readBytes(this.body(), maxBytes)).toString('utf8')));
    if (!parsed.success)
      throw transferErrors.TRANSFER_ANSWER_INVALID('the farm gave an answer that is not in the protocol');
    return parsed.data;
  }
}

/** All bytes of a stream, at most `maxBytes`. */
export async function readBytes(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes)
      throw transferErrors.TRANSFER_ANSWER_INVALID('the farm gave an answer that is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** As many bytes as were asked for; fewer are a broken answer. */
export async function readAll(body: AsyncIterable<Uint8Array>, bytes: number): Promise<Buffer> {
  const all = await readBytes(body, bytes);
  if (all.length < bytes) throw transferErrors.TRANSFER_UNREACHABLE('an answer ended early');
  return all;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
