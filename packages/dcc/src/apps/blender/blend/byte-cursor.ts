/**
 * A place in a stream of bytes that only moves forwards. Small steps inside the chunk at hand are synchronous: a scene has
 * hundreds of thousands of block heads, and an `await` for each would cost more than reading the file.
 */

/** Bytes in order, from a disk or a decompressor. */
export interface ByteSource {
  /** The next bytes; null at the end. Never empty. */
  next(): Promise<Buffer | null>;
  /** Moves on by `length` bytes or to the end, without handing them out. Returns how far it got. */
  skip(length: number): Promise<number>;
  close(): Promise<void>;
}

export class ByteCursor {
  readonly #source: ByteSource;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #passed = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Bytes from the start of the stream. */
  get position(): number {
    return this.#passed + this.#at;
  }

  /** Whether `length` bytes are at hand for `take`. */
  has(length: number): boolean {
    return this.#chunk.length - this.#at >= length;
  }

  /** Gets `length` bytes at hand; false where the stream ends before. Keep `length` small: it is held at once. */
  async fill(length: number): Promise<boolean> {
    while (!this.has(length)) {
      const more = await this.#source.next();
      if (more === null) return false;
      const rest = this.#chunk.subarray(this.#at);
      this.#passed += this.#at;
      this.#at = 0;
      this.#chunk = rest.length === 0 ? more : Buffer.concat([rest, more]);
    }
    return true;
  }

  /** The next bytes as a view that is only good until the next call; `has` or `fill` must have said yes. */
  take(length: number): Buffer {
    const view = this.#chunk.subarray(this.#at, this.#at + length);
    this.#at += length;
    return view;
  }

  /** A copy of the next `length` bytes if they are at hand, else null: then `copy` gets them. */
  copyAtHand(length: number): Buffer | null {
    return this.has(length) ? Buffer.from(this.take(length)) : null;
  }

  /** A copy of the next `length` bytes, which may be many; null where the stream ends before. */
  async copy(length: number): Promise<Buffer | null> {
    if (this.has(length)) return this.copyAtHand(length);
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (!this.has(1) && !(await this.fill(1))) return null;
      const step = Math.min(missing, this.#chunk.length - this.#at);
      parts.push(Buffer.from(this.take(step)));
      missing -= step;
    }
    return Buffer.concat(parts, length);
  }

  /** Moves on inside the chunk at hand; false where `skipFar` is needed. */
  skip(length: number): boolean {
    if (!this.has(length)) return false;
    this.#at += length;
    return true;
  }

  /** Moves on by `length`; false where the stream ends before. */
  async skipFar(length: number): Promise<boolean> {
    if (this.skip(length)) return true;
    const beyond = length - (this.#chunk.length - this.#at);
    this.#passed += this.#chunk.length;
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
    const moved = await this.#source.skip(beyond);
    this.#passed += moved;
    return moved === beyond;
  }
}
