/** What the API calls a machine: its memory as it is sold, its graphics cards by their short names. */

/** Memory of machines as it is sold, GB. */
const SOLD_GB = [
  1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096,
] as const;
/** Firmware and the kernel keep a part for themselves: a machine sold with 64 GB reports about 62.7 GiB. */
const REPORTED_SHARE = 0.9;
const GIB = 1024 ** 3;

/** The memory that a machine was sold with, GB, from what it reports; at least 1. */
export function soldMemoryGb(memoryBytes: number): number {
  const gib = memoryBytes / GIB;
  return SOLD_GB.findLast((sold) => gib >= sold * REPORTED_SHARE) ?? 1;
}

/** `2080Ti` of `NVIDIA GeForce RTX 2080 Ti`; a card of another family keeps its name. */
export function cardModel(model: string): string {
  const known = /\b[GR]TX\s*(\d{3,4})\s*(Ti|Super)?\b/i.exec(model);
  if (!known) return model.trim();
  const suffix = known[2]?.toLowerCase();
  return `${known[1]}${suffix === 'ti' ? 'Ti' : suffix === 'super' ? 'Super' : ''}`;
}
