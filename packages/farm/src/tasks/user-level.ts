import { farmErrors } from '../errors.ts';

/** Priorities a user may give: the API knows 50 and 60; the planner orders any level of 0 to 100, high first. */
const HIGHEST_LEVEL = 100;

/** Throws FARM_INVALID for anything but a whole number from 0 to 100. */
export function checkedLevel(level: number): number {
  if (!Number.isSafeInteger(level) || level < 0 || level > HIGHEST_LEVEL) {
    throw farmErrors.FARM_INVALID(`the level of a task must be a whole number from 0 to ${HIGHEST_LEVEL}`);
  }
  return level;
}
