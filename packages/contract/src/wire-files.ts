/** Looking at what is stored: `GET /api/v1/files`, and the scrub of all stored bytes, `POST /api/v1/scrub`. */
import * as z from 'zod';
import { TREE_ROOTS } from './wire-transfer.ts';

/** A file, or a folder with the sums of everything below it. */
export const fileRowSchema = z.object({
  name: z.string(),
  isFolder: z.boolean(),
  /** 1 for a file. */
  files: z.int(),
  bytes: z.int(),
  /** Time of the file, or of the newest one below the folder, ms since 1970. */
  mtimeMs: z.number(),
});
export type FileRow = z.infer<typeof fileRowSchema>;

/** One folder, or one file, of a root. */
export const fileListSchema = z.object({
  root: z.enum(TREE_ROOTS),
  path: z.string(),
  /** Sums of everything at and below `path`. */
  files: z.int(),
  bytes: z.int(),
  items: z.array(fileRowSchema),
  /** What `after` must be for the next rows; null where there are no more. */
  next: z.string().nullable(),
});
export type FileList = z.infer<typeof fileListSchema>;

export const FILE_ROWS_MOST = 1000;

export const scrubWishSchema = z.object({
  /** KB (1,000 bytes) a second that are read; absent = as fast as it goes. */
  limitKbps: z.int().min(1).max(100_000_000).optional(),
});
export type ScrubWish = z.infer<typeof scrubWishSchema>;

/** Where bytes are used: a path of an account's storage, with the task whose result it is, or that renders from it. */
export const blobUseSchema = z.object({
  accountId: z.int(),
  accountName: z.string(),
  root: z.enum(TREE_ROOTS),
  path: z.string(),
  taskId: z.int().nullable(),
});
export type BlobUse = z.infer<typeof blobUseSchema>;

/** One line of a scrub. `progress` about every second, `found` for each blob that is hit, `end` last. */
export const scrubLineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    blobs: z.int(),
    blobsTotal: z.int(),
    bytes: z.int(),
    bytesTotal: z.int(),
  }),
  z.object({
    kind: z.literal('found'),
    /** `damaged`: the bytes are not what they were; `lost`: they are not there. */
    what: z.enum(['damaged', 'lost']),
    id: z.string(),
    size: z.int(),
    uses: z.array(blobUseSchema),
    /** Whether there are more uses than are listed. */
    hasMore: z.boolean(),
  }),
  z.object({
    kind: z.literal('end'),
    blobs: z.int(),
    bytes: z.int(),
    /** Of those that somebody needs. */
    damaged: z.int(),
    lost: z.int(),
    /** Damaged or lost, and needed by nobody any more: the sweep takes them away. They are not told one by one. */
    unneeded: z.int(),
    elapsedMs: z.number(),
  }),
  /** It went wrong on the way: what an error answer would say. */
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);
export type ScrubLine = z.infer<typeof scrubLineSchema>;
