/**
 * Old memory addresses → block numbers. Addresses are 64 bits and in 5.x hashes with counters in their low bits, so they fit
 * neither a number nor, at a million blocks, a Map of bigints. Open addressing over typed arrays; several blocks may
 * carry the same address (memory used twice while saving) and are chained.
 */
import { randomInt } from 'node:crypto';

export interface Address {
  readonly high: number;
  readonly low: number;
}

const MOST_TWINS = 64;

/** Odd and random, so that a file cannot be made whose addresses all meet in one slot. */
const MIX_LOW = randomInt(2 ** 30) * 2 + 1;
const MIX_HIGH = randomInt(2 ** 30) * 2 + 1;

export class AddressMap {
  readonly #slots: Int32Array;
  readonly #shift: number;
  readonly #next: Int32Array;
  readonly #addresses: readonly Address[];

  /** `addresses[n]` is where block n lay in memory. */
  constructor(addresses: readonly Address[]) {
    const bits = Math.max(4, Math.ceil(Math.log2(addresses.length + 1)) + 1);
    this.#shift = 32 - bits;
    this.#slots = new Int32Array(2 ** bits).fill(-1);
    this.#next = new Int32Array(addresses.length).fill(-1);
    this.#addresses = addresses;
    for (let block = addresses.length - 1; block >= 0; block--) {
      const slot = this.#slotOf(addresses[block]!);
      this.#next[block] = this.#slots[slot]!;
      this.#slots[slot] = block;
    }
  }

  /** Blocks at an address in file order, at most 64. */
  *at(address: Address): Generator<number> {
    let block = this.#slots[this.#slotOf(address)]!;
    for (let twin = 0; block >= 0 && twin < MOST_TWINS; twin++) {
      yield block;
      block = this.#next[block]!;
    }
  }

  /** The slot that holds the address, or the empty one where it would go. */
  #slotOf({ high, low }: Address): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(low, MIX_LOW) + Math.imul(high, MIX_HIGH)) >>> this.#shift;
    for (;;) {
      const block = this.#slots[slot]!;
      if (block < 0) return slot;
      const there = this.#addresses[block]!;
      if (there.high === high && there.low === low) return slot;
      slot = (slot + 1) & mask;
    }
  }
}
