/** Which rows of a list are meant, and which page of them. Pages count from 1. */

export interface TaskFilter {
  page: number;
  size: number;
  statuses?: number[];
  search?: string;
  submittedFrom?: number;
  submittedTo?: number;
  /** Name of a label that the tasks bear. */
  label?: string;
  deleted?: boolean;
  /** Tasks of this account only, where its tasks are shown at all. */
  ownerId?: number;
}

export interface FrameFilter {
  page: number;
  size: number;
  statuses?: number[];
  search?: string;
  /** Frame types of the API, 1 to 9; without them all. */
  frameTypes?: readonly number[];
}

/** Which published files of a task are meant; all where nothing is said. */
export interface ResultChoice {
  frameId?: number;
  /** Only what was published at this moment or later, in that order. Milliseconds since 1970; not with `frameId`. */
  since?: number;
  /** false leaves out the small pictures that the farm made for looking. */
  thumbnails?: boolean;
}
