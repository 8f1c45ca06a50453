/**
 * The native API, `/api/v1`: what the web page, the command line and automation speak. Plain HTTP statuses, JSON bodies,
 * errors as `ErrorBody`. Callers sign each request (`native-signing.ts`) or carry a session cookie; cookie callers send
 * `x-croft-csrf: 1` on anything but GET.
 *
 *   GET  /tasks?page=1&size=50          TaskSummary[] with totals, newest first
 *   GET  /tasks/{id}                    TaskDetail
 *   GET  /tasks/{id}/frames?page&size&status   FrameRow[]
 *   GET  /tasks/{id}/results?page&size&frame=ID&since=MS&thumbnails=0   ResultRow[]
 *   GET  /tasks/{id}/log?frame=ID&from=BYTE&attempt=ID&last=BYTES   text/plain: the log of a frame's newest attempt, or
 *                                       what came since; `LOG_HEADERS` say how to go on
 *   POST /tasks/{id}/stop|start|abandon|retry  TaskDetail as it is then; retry is of failed frames
 *   POST /tasks/{id}/delete             {id}; results stay
 *   POST /tasks/{id}/full-speed|limit|time-limit|level|labels|labels/remove   TaskDetail as it is then
 *   POST /tasks/{id}/clone              TaskDetail of the new task
 *   GET  /nodes                         NodeRow[]
 *   GET  /events                        text/event-stream of FarmEvent of the caller's tasks, and of nodes
 *   POST /node-codes                    {code, expiresAt}
 *   POST /sessions {code}               one-time sign-in link of `croft up` → cookie
 *   GET  /openapi.json                  the description of all this, made from these schemas
 */
import * as z from 'zod';

export const framesCountSchema = z.object({
  total: z.int(),
  waiting: z.int(),
  running: z.int(),
  done: z.int(),
  failed: z.int(),
  stopped: z.int(),
});
export type FramesCount = z.infer<typeof framesCountSchema>;

export const taskSummarySchema = z.object({
  id: z.int(),
  /** Whose task it is: the caller's, or that of a member of its team. */
  accountId: z.int(),
  sceneName: z.string(),
  /** Renderbus task status, see `statuses.ts`. */
  status: z.int(),
  statusText: z.string(),
  app: z.string().nullable(),
  frames: framesCountSchema,
  level: z.int(),
  userName: z.string(),
  outputName: z.string().nullable(),
  createdAt: z.number(),
  submittedAt: z.number().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** `/files/...` of the newest thumbnail. */
  thumbnail: z.string().nullable(),
  /** The task that it is a layer or a pass of; 0 for none. Lists show no children, events do. */
  parentId: z.int().default(0),
});
export type TaskSummary = z.infer<typeof taskSummarySchema>;

export const taskDetailSchema = taskSummarySchema.extend({
  framesRange: z.string(),
  projectName: z.string(),
  appVersion: z.string().nullable(),
  /** A deleted task is on no list; its id still tells what it was. */
  deletedAt: z.number().nullable(),
  /** Why it is not rendering now, one sentence a reason; empty while it renders or when it has ended. */
  waitingFor: z.array(z.string()),
  failures: z.array(z.object({ frame: z.string(), code: z.string(), reason: z.string(), count: z.int() })),
  // Of these an older farm says nothing.
  labels: z.array(z.object({ id: z.int(), name: z.string() })).default([]),
  /** Nodes it may hold at a time, with all its children; null: any. */
  nodeLimit: z.int().nullable().default(null),
  /** Seconds of rendering after which it is stopped; 0: never. */
  overTimeStopSec: z.int().default(0),
  /** It has been rendering for longer than the reminder time of its settings. */
  isOverTime: z.boolean().default(false),
  /** The task it was cloned from; 0 for none. */
  clonedFrom: z.int().default(0),
  /** The tasks that it is made of, in rendering order. A task with children has no frames itself. */
  childIds: z.array(z.int()).default([]),
  layerName: z.string().default(''),
  /** `Render`, `RenderPhoton`, `GopRender`; empty for a task with children. */
  taskType: z.string().default('Render'),
});
export type TaskDetail = z.infer<typeof taskDetailSchema>;

export const frameRowSchema = z.object({
  id: z.int(),
  frame: z.string(),
  /** The task that renders it: of a task made of others, one of its children. */
  taskId: z.int().optional(),
  /** Renderbus frame status. */
  status: z.int(),
  percent: z.number(),
  node: z.string().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  attempts: z.int(),
  failure: z.object({ code: z.string(), class: z.string(), reason: z.string() }).nullable(),
  thumbnail: z.string().nullable(),
});
export type FrameRow = z.infer<typeof frameRowSchema>;

export const resultRowSchema = z.object({
  frameId: z.int(),
  frame: z.int().nullable(),
  /** Tree path in the account's output root, below `/<outputName>/`. */
  path: z.string(),
  id: z.string(),
  size: z.int(),
  format: z.string(),
  kind: z.string(),
  layer: z.string().nullable(),
  camera: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  publishedAt: z.number(),
});
export type ResultRow = z.infer<typeof resultRowSchema>;

export const nodeRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['online', 'offline', 'draining', 'resting']),
  os: z.string(),
  cpuModel: z.string(),
  cpuThreads: z.int(),
  memoryBytes: z.number(),
  gpus: z.array(z.string()),
  diskFreeBytes: z.number(),
  slots: z.int(),
  running: z.int(),
  apps: z.array(z.object({ app: z.string(), version: z.string() })),
  seenAt: z.number(),
});
export type NodeRow = z.infer<typeof nodeRowSchema>;

export const farmEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('task'), task: taskSummarySchema }),
  z.object({ kind: z.literal('task-deleted'), taskId: z.int() }),
  z.object({
    kind: z.literal('frame'),
    taskId: z.int(),
    frameId: z.int(),
    frame: z.string(),
    status: z.int(),
    percent: z.number(),
  }),
  z.object({ kind: z.literal('node'), node: nodeRowSchema }),
]);
export type FarmEvent = z.infer<typeof farmEventSchema>;

export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ total: z.int(), page: z.int(), size: z.int(), items: z.array(row) });
}
export interface Page<Row> {
  total: number;
  page: number;
  size: number;
  items: Row[];
}

export const createdKeySchema = z.object({ accessId: z.string(), accessKey: z.string(), accountId: z.int() });
/** `url` is where other machines reach the farm; null where it listens for its own machine alone. */
export const nodeCodeSchema = z.object({
  code: z.string(),
  expiresAt: z.number(),
  url: z.string().nullable().optional(),
});

/** Headers of a log's answer; sent back as `attempt` and `from` they ask for what came since. */
export const LOG_HEADERS = {
  /** Id of the attempt whose log it is; absent while none began. */
  attempt: 'croft-log-attempt',
  /** Byte offset at which the answer ends. */
  end: 'croft-log-end',
} as const;
