/** Named units, so that no bare number has to be guessed at: `30 * SECOND`, `8 * MiB`. */

/** Bytes. */
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** Milliseconds, the unit of every clock and timer in Croft. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
