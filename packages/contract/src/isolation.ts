/** How a submit may keep a task's files apart from files of the same names: by task, or by the user of a platform. */
export const ISOLATION_MODELS = ['TASK_ID_MODEL', 'OUT_USER_MODEL'] as const;
export type IsolationModel = (typeof ISOLATION_MODELS)[number];
