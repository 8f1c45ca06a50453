/**
 * Arithmetic of a segment: which frame numbers an ordinal stands for. Ordinals count 0 … size - 1 in rendering order;
 * ordinal = unit × tiles + tile. A unit is up to `framesPerUnit` numbers of one run: runs do not share units.
 */
import type { FrameRun, OrderedFrame } from '@croft/contract';

export interface SegmentShapeInput {
  readonly runs: readonly FrameRun[];
  readonly framesPerUnit: number;
  readonly tiles: number;
  readonly base: number;
}

export class SegmentShape {
  readonly size: number;
  readonly tiles: number;
  readonly base: number;
  readonly #runs: readonly FrameRun[];
  readonly #framesPerUnit: number;
  /** Units before each run, and their total at the end. */
  readonly #unitsBefore: number[];

  constructor({ runs, framesPerUnit, tiles, base }: SegmentShapeInput) {
    this.#runs = runs;
    this.#framesPerUnit = framesPerUnit;
    this.tiles = tiles;
    this.base = base;
    this.#unitsBefore = [0];
    for (const run of runs) this.#unitsBefore.push(this.#unitsBefore.at(-1)! + this.#unitsOf(run));
    this.size = this.#unitsBefore.at(-1)! * tiles;
  }

  /** The frame as an order names it. */
  frameAt(ordinal: number): OrderedFrame {
    const unit = Math.floor(ordinal / this.tiles);
    const index = this.#runOfUnit(unit);
    const run = this.#runs[index]!;
    const first = run.first + (unit - this.#unitsBefore[index]!) * this.#framesPerUnit * run.step;
    const last = Math.min(first + (this.#framesPerUnit - 1) * run.step, run.last);
    return {
      frameId: this.base + ordinal,
      first,
      last,
      step: run.step,
      tile: ordinal % this.tiles,
      tiles: this.tiles,
    };
  }

  /** `frameIndex` of the API: "5", or "2-4[1]" for a unit of several numbers. Tiles of a picture share it. */
  labelAt(ordinal: number): string {
    const { first, last, step } = this.frameAt(ordinal);
    return first === last ? `${first}` : `${first}-${last}[${step}]`;
  }

  /** Ordinals of the units that contain the frame number, in order. */
  ordinalsShowing(number: number): number[] {
    const ordinals: number[] = [];
    for (const [index, run] of this.#runs.entries()) {
      const offset = number - run.first;
      if (offset < 0 || number > run.last || offset % run.step !== 0) continue;
      const unit = this.#unitsBefore[index]! + Math.floor(offset / run.step / this.#framesPerUnit);
      for (let tile = 0; tile < this.tiles; tile++) ordinals.push(unit * this.tiles + tile);
    }
    return ordinals.sort((a, b) => a - b);
  }

  #unitsOf(run: FrameRun): number {
    const numbers = Math.floor((run.last - run.first) / run.step) + 1;
    return Math.ceil(numbers / this.#framesPerUnit);
  }

  #runOfUnit(unit: number): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#unitsBefore[middle]! <= unit) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The shape of a stored segment; its runs are JSON that the farm wrote itself. */
export function shapeOf(row: {
  runs: string;
  frames_per_unit: number;
  tiles: number;
  base: number;
}): SegmentShape {
  return new SegmentShape({
    runs: JSON.parse(row.runs) as FrameRun[],
    framesPerUnit: row.frames_per_unit,
    tiles: row.tiles,
    base: row.base,
  });
}
