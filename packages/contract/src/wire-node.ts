/**
 * The node link, `/node/v1`: what a node and the farm say to each other.
 *
 * Enrolment, once: POST /node/v1/enrol {code, name, publicKey} → {nodeId, farm}. The code is short-lived and works once;
 * `publicKey` is the node's raw Ed25519 public key in base64. From then on the node proves itself with its private key.
 *
 * Link: the node dials a WebSocket at /node/v1/link. Text frames, one JSON object each, `type` first:
 *   farm  challenge {nonce}
 *   node  prove {nodeId, signature}     Ed25519 over the UTF-8 text "croft-node-link:" + nonce
 *   farm  welcome {...}                 or an `error` frame and a close
 *   node  hello {...}                   who it is now and which attempts it still holds
 *   farm  run / cancel / accepted / drain; node: pulse / report / log
 *
 * What must not be lost goes as `report` with a `seq` from the node's durable outbox. The farm answers `accepted {seq}`
 * after its commit (also for a report that it refuses as stale: refusing is an answer); until then the node keeps the
 * report and sends it again after each reconnect, in order. Reports are idempotent, so a double is harmless. `pulse` and
 * `log` may be lost: the next pulse says more, and log bytes carry their offset.
 *
 * An attempt's id is its fencing token: every report names it, and the farm refuses one that is not live any more
 * with `cancel {reason: 'stale'}`.
 */
import * as z from 'zod';
import { blobIdSchema } from './wire-transfer.ts';

const count = z.int().nonnegative();
/** A name, a version, a model: what a machine says about itself is stored and shown, so it is short. */
const word = z.string().max(200);
/** Attempts a node can hold at once, with those in reserve. */
const MOST_SLOTS = 1024;
const MOST_HELD = 10_000;

/** One installed app that a node can start. `executable` stays on the node and is not sent. */
export const nodeAppSchema = z.object({
  /** Name of the folder in dcc/, e.g. `blender`. */
  app: word,
  version: word,
  /** What the app can do here, decided by probes: `cycles`, `eevee`, `denoise`, … */
  abilities: z.array(word).max(1000),
});
export type NodeApp = z.infer<typeof nodeAppSchema>;

export const nodeFactsSchema = z.object({
  name: word,
  os: z.enum(['linux', 'windows', 'macos']),
  arch: word,
  version: word,
  cpuModel: word,
  cpuThreads: z.int().positive(),
  memoryBytes: count,
  gpus: z.array(z.object({ model: word, memoryBytes: count.nullable() })).max(64),
  diskFreeBytes: count,
  /** Attempts the node runs at once. */
  slots: z.int().positive().max(MOST_SLOTS),
  apps: z.array(nodeAppSchema).max(1000),
});
export type NodeFacts = z.infer<typeof nodeFactsSchema>;

/** One unit of a run: a frame of the task, named by its frame id. */
export const orderedFrameSchema = z.object({
  frameId: count,
  /** First and last frame number of the unit and the step between (a chunk renders several numbers). */
  first: z.int(),
  last: z.int(),
  step: z.int().positive(),
  /** Tile of the picture, 0 ≤ tile < tiles; tiles is 1 for whole pictures. */
  tile: count,
  tiles: z.int().positive(),
});
export type OrderedFrame = z.infer<typeof orderedFrameSchema>;

/** All a node needs to render a run of frames. */
export const attemptOrderSchema = z.object({
  attemptId: count,
  taskId: count,
  app: z.string(),
  /** Wanted version of the app; the node answers `refused` where it has none that fits. */
  appVersion: z.string(),
  /** Tree path of the scene among the inputs. */
  scenePath: z.string(),
  /** Names one frozen set of inputs: two attempts with the same key share a work folder and a session. */
  inputsKey: z.string(),
  /** What `plan` of the app froze for `command`; only the app reads it. */
  settings: z.record(z.string(), z.unknown()),
  /** Segment facts that results carry. */
  stage: z.string(),
  frameType: z.int(),
  frames: z.array(orderedFrameSchema).min(1),
  /** Bearer token of the transfer door for this attempt. Secret. */
  token: z.string(),
  /** A frame that takes longer is ended with class `timeout`; 0 = no limit. */
  frameTimeoutMs: count,
});
export type AttemptOrder = z.infer<typeof attemptOrderSchema>;

/** Why a frame failed, which decides what follows (architecture, section 4): only `scene` burns a retry. */
export const FAILURE_CLASSES = ['scene', 'node', 'licence', 'memory', 'timeout', 'cancelled'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** A file that a frame made: bytes already at the farm, published with the frame's completion. */
export const resultFactsSchema = z.object({
  /** Path below the task's output folder, a tree path. */
  path: z.string(),
  id: blobIdSchema,
  size: count,
  mtimeMs: z.number().nonnegative(),
  /** Frame number the file shows; null where it shows none (a log, a cache). */
  frame: z.int().nullable(),
  /** File format as the decoder found it: `png`, `exr`, `jpeg`, … */
  format: word,
  width: z.int().nullable(),
  height: z.int().nullable(),
  /** `main` is the picture itself, `element` a pass or a File Output node, `data` anything else, `thumbnail` ours. */
  kind: z.enum(['main', 'element', 'data', 'thumbnail']),
  layer: z.string().nullable(),
  camera: z.string().nullable(),
  /** Which of the run's outputs a thumbnail shows: the `path` of that output. */
  of: z.string().nullable(),
});
export type ResultFacts = z.infer<typeof resultFactsSchema>;

export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('attempt-started'), attemptId: count, at: count }),
  z.object({ kind: z.literal('frame-started'), attemptId: count, frameId: count, at: count }),
  z.object({
    kind: z.literal('frame-done'),
    attemptId: count,
    frameId: count,
    startedAt: count,
    endedAt: count,
    results: z.array(resultFactsSchema).max(10_000),
    /** Highest memory of the app while the frame rendered; null where it could not be read. */
    peakMemoryBytes: count.nullable(),
  }),
  z.object({
    kind: z.literal('frame-failed'),
    attemptId: count,
    frameId: count,
    startedAt: count,
    endedAt: count,
    failure: z.enum(FAILURE_CLASSES),
    /** Stable code from the error catalogue, e.g. `NODE_INPUT_MISSING`. */
    code: word,
    /** One sentence for the user. */
    reason: z.string().max(4000),
  }),
  /** The attempt is over on this node. Frames of the run that were not reported return to waiting, at no cost. */
  z.object({
    kind: z.literal('attempt-ended'),
    attemptId: count,
    at: count,
    reason: z.string().max(4000).nullable(),
  }),
]);
export type NodeReport = z.infer<typeof reportSchema>;

export const fromNodeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('prove'), nodeId: z.string(), signature: z.string() }),
  z.object({
    type: z.literal('hello'),
    facts: nodeFactsSchema,
    liveAttempts: z.array(count).max(MOST_HELD),
    draining: z.boolean(),
  }),
  z.object({
    type: z.literal('pulse'),
    cpuPercent: z.number(),
    memoryFreeBytes: count,
    diskFreeBytes: count,
    running: z
      .array(z.object({ attemptId: count, frameId: count, percent: z.number().min(0).max(100) }))
      .max(MOST_HELD),
  }),
  z.object({ type: z.literal('report'), seq: count, report: reportSchema }),
  /** Log text of an attempt from byte `offset` on; a gap or an overlap is allowed, the offset decides. */
  z.object({ type: z.literal('log'), attemptId: count, offset: count, text: z.string().max(256 * 1024) }),
  /** The node cannot take an order now; it is not counted against task or node. */
  z.object({ type: z.literal('refused'), attemptId: count, code: word, reason: z.string().max(4000) }),
  /** The node takes no more orders and will leave when its attempts end. */
  z.object({ type: z.literal('draining') }),
]);
export type FromNode = z.infer<typeof fromNodeSchema>;

export const toNodeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: z.string() }),
  z.object({ type: z.literal('welcome'), nodeId: z.string(), farm: z.string(), pulseMs: z.int().positive() }),
  z.object({ type: z.literal('run'), order: attemptOrderSchema }),
  /** Stop the attempt now (`frameIds` absent) or only leave out frames of it that have not finished. */
  z.object({
    type: z.literal('cancel'),
    attemptId: count,
    reason: z.enum(['stale', 'stopped', 'abandoned', 'deleted']),
    frameIds: z.array(count).optional(),
  }),
  z.object({ type: z.literal('accepted'), seq: count }),
  z.object({ type: z.literal('drain') }),
  z.object({ type: z.literal('error'), error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type ToNode = z.infer<typeof toNodeSchema>;

export const enrolRequestSchema = z.object({
  code: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  publicKey: z.base64(),
});
export const enrolReplySchema = z.object({ nodeId: z.string(), farm: z.string() });

/** Text that a node signs to prove itself on the link. */
export function linkProofText(nonce: string): string {
  return `croft-node-link:${nonce}`;
}
