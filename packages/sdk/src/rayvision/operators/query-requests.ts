/** What the query operator is asked for, and the shape of what it gives by the page. */
import type { Json } from '../../reading.ts';

/** "0" Chinese, "1" English. */
export type Language = '0' | '1';

/** One page of an answer; pages count from 1, `size` is the page size asked for. */
export interface ApiRecords extends Readonly<Record<string, unknown>> {
  readonly items: readonly Json[];
}

export interface TaskListRequest {
  readonly pageNum?: number;
  /** Default 100. */
  readonly pageSize?: number;
  /** Statuses as in TASK_STATUS_DESCRIPTION. */
  readonly statusList?: readonly number[];
  /** Part of the scene's name, or a task id. */
  readonly searchKeyword?: string;
  /** Earliest and latest time of submitting, `yyyy-MM-dd HH:mm:ss`. */
  readonly startTime?: string;
  readonly endTime?: string;
  /** 1: deleted tasks; works only without the other filters. Generation 2. */
  readonly recycleFlag?: number;
}

/** Which frames of a task: all (default), all of some statuses, or the named ones. */
export interface FrameChoice {
  /** Ids of frames, as `taskFrames` gives them. */
  readonly ids?: readonly number[];
  /** Frame statuses; only without `ids`. Generation 2. */
  readonly status?: readonly number[];
}
