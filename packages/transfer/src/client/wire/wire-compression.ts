/**
 * Which bodies travel compressed between this client and its farm. By itself the client compresses what shrinks, over links
 * that are slower than the compressor, and never over loopback. What goes straight to an S3 server is never compressed, since that
 * server checks the bytes.
 *
 * On the way up the compressor is measured while it works, in all its threads together and beside whatever else the machine does.
 * Until the link was measured, bodies are compressed: one that went plain over a slow link costs as much again, one that was compressed
 * for a fast one a moment. On the way down the farm's compressor is not seen, so its speed is assumed, and bytes come plain until
 * the link is known.
 */
import { type Clock, KiB } from '@croft/contract';
import { isWorthZstd, ZSTD, zstdOf } from '../../formats/zstd-body.ts';
import { LinkRate } from '../pace/link-rate.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { DoorRequest } from './door-request.ts';
import type { HttpAnswer } from './http-answer.ts';

/** `auto` as described above; `always` whatever the link, where it shrinks the body. */
export const COMPRESS_RULES = ['auto', 'always', 'never'] as const;
export type CompressRule = (typeof COMPRESS_RULES)[number];

/** About what one core of a farm compresses in a millisecond at the level that is used, half of what it was measured to do. */
const FARM_BYTES_PER_MS = 150_000;
/** A link that is nearly as fast as the compressor gains nothing, and both ends have other things to do. */
const LINK_TO_COMPRESSOR = 0.8;
/** A body below this is a packet or two anyway. */
const LEAST_BYTES = 4 * KiB;

type Body = NonNullable<DoorRequest['body']>;

export class WireCompression {
  readonly up: LinkRate;
  readonly down: LinkRate;
  readonly #rule: CompressRule;
  readonly #isLoopback: boolean;
  readonly #compressor: LinkRate;
  #isTaken = false;

  constructor(rule: CompressRule, isLoopback: boolean, clock: Clock) {
    this.#rule = rule;
    this.#isLoopback = isLoopback;
    this.up = new LinkRate(clock);
    this.down = new LinkRate(clock);
    this.#compressor = new LinkRate(clock);
  }

  /** Reads from an answer of the farm whether it takes compressed bodies: who does not know them would store them as they are. */
  notice(answer: HttpAnswer): void {
    if (answer.header('accept-encoding')?.includes(ZSTD) === true) this.#isTaken = true;
  }

  /** The body as it is to travel: itself, or shorter. */
  async shortened(body: Body, limit: RateLimit | undefined): Promise<Body> {
    if (body.isContent !== true || !this.#isTaken || !this.#isWantedUp(limit)) return body;
    const pieces = [...body.pieces];
    const plain = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    if (plain.length < LEAST_BYTES) return body;
    if (!(await isWorthZstd(plain))) return body;
    const shorter = await this.#measured(plain);
    if (shorter === null) return body;
    return { ...body, pieces: [shorter], bytes: shorter.length, plainBytes: plain.length };
  }

  /** What to say of an answer that may come compressed. */
  headersFor(request: DoorRequest): Record<string, string> {
    const wanted = request.wantsContent === true && this.#isWantedDown(request.limit);
    return wanted ? { 'accept-encoding': ZSTD } : {};
  }

  #isWantedUp(limit: RateLimit | undefined): boolean {
    if (this.#rule !== 'auto') return this.#rule === 'always';
    // Nothing done yet says nothing.
    const compressor = (this.#compressor.bytesPerMs || Number.POSITIVE_INFINITY) * LINK_TO_COMPRESSOR;
    if (limit !== undefined && limit.bytesPerMs < compressor) return true;
    return !this.#isLoopback && (this.up.bytesPerMs ?? 0) < compressor;
  }

  async #measured(plain: Uint8Array): Promise<Uint8Array | null> {
    const measured = this.#compressor.begin();
    try {
      const shorter = await zstdOf(plain);
      measured.moved(plain.length);
      return shorter;
    } finally {
      measured.end();
    }
  }

  #isWantedDown(limit: RateLimit | undefined): boolean {
    if (this.#rule !== 'auto') return this.#rule === 'always';
    if (limit !== undefined && limit.bytesPerMs < FARM_BYTES_PER_MS) return true;
    return !this.#isLoopback && (this.down.bytesPerMs ?? Number.POSITIVE_INFINITY) < FARM_BYTES_PER_MS;
  }
}
