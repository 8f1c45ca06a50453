import { TASK_STATUS } from '@croft/contract';

/** Statuses whose tasks the planner looks at. */
export const PLANNED_STATUSES: readonly number[] = [TASK_STATUS.waiting, TASK_STATUS.rendering];
