/**
 * Reads how far a frame is from what Blender prints, e.g.
 * `Fra:7 Mem:12.30M (Peak 14.02M) | Time:00:01.20 | Remaining:00:03.10 | Mem:1.2M, Peak:1.2M | Scene, Layer | Sample 5/64`.
 */

const STATUS_LINE = /^Fra:-?\d{1,9} Mem:/;
const STEPS =
  /\b(?:Sample|Rendered|Tile|Tiles|Pass|Part|Path Tracing Sample|Compositing \| Tile) (\d{1,9})\/(\d{1,9})/g;

/** Percent of the frame in hand, 0–100; null where the line says nothing of it. */
export function progressOf(line: string): number | null {
  if (!STATUS_LINE.test(line)) return null;
  let percent: number | null = null;
  for (const [, done, all] of line.slice(0, 2000).matchAll(STEPS)) {
    if (Number(all) > 0) percent = Math.min(100, (Number(done) / Number(all)) * 100);
  }
  return percent;
}
