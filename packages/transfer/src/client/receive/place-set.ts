/**
 * A set of places that takes 16 bytes each at most, whatever their length: half a million are told apart in 8 MiB outside of the
 * heap. Only 64 bits of each place's hash are kept, so it may call a place known that is not: among five million places once in a
 * million such sets.
 */
import { hash } from 'node:crypto';

const FIRST_SLOTS = 1024;

export class PlaceSet {
  /** Open addressing; 0 is an empty slot. At most half are taken. */
  #slots = new BigUint64Array(FIRST_SLOTS);
  #size = 0;

  /** Whether it was new. */
  add(place: string): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const key = keyOf(place);
    const slot = slotOf(this.#slots, key);
    if (this.#slots[slot] === key) return false;
    this.#slots[slot] = key;
    this.#size += 1;
    return true;
  }

  has(place: string): boolean {
    const key = keyOf(place);
    return this.#slots[slotOf(this.#slots, key)] === key;
  }

  #grow(): void {
    const wider = new BigUint64Array(this.#slots.length * 2);
    for (const key of this.#slots) if (key !== 0n) wider[slotOf(wider, key)] = key;
    this.#slots = wider;
  }
}

function keyOf(place: string): bigint {
  const key = hash('sha256', place, 'buffer').readBigUInt64LE();
  return key === 0n ? 1n : key;
}

/** Where the key is, or would be. */
function slotOf(slots: BigUint64Array, key: bigint): number {
  const last = slots.length - 1;
  let slot = Number(key & 0xffff_ffffn) & last;
  while (slots[slot] !== 0n && slots[slot] !== key) slot = (slot + 1) & last;
  return slot;
}
