/**
 * The BlobStore port: where immutable bytes lie. Every implementation passes `blob-store-suite.ts`.
 *
 * Atomic       A blob is there whole or not at all, also after kill -9 or a power cut. `put`, `putPack` and `complete`
 *              resolve only when the bytes are durable. A pack is kept whole or refused whole; after a crash in the
 *              middle of one, or where the medium failed, some of its blobs may be there, each of them whole.
 * Idempotent   Bytes under one id never differ, so storing twice, completing twice and deleting what is not there are
 *              all fine. The second copy is still received and checked, then dropped.
 * Receiver     The store hashes what it gets: TRANSFER_HASH_MISMATCH keeps nothing. It trusts neither size nor hash.
 * Reading      No byte is delivered before the part it belongs to (a whole blob, for those of at most 16 MiB) was read
 *              and hashed. Damage is TRANSFER_BLOB_CORRUPT: before the first byte where the first part is damaged, else
 *              as an error of the stream at the border of the damaged part. A damaged blob is set aside: `has` says no,
 *              reading says TRANSFER_BLOB_CORRUPT, and storing it again heals it.
 * Permanent    TRANSFER_HASH_MISMATCH, TRANSFER_BAD_REQUEST, TRANSFER_NOT_FOUND, TRANSFER_BLOB_CORRUPT: asking again
 *              gives the same answer. TRANSFER_NO_SPACE and every other error may pass: ask again later.
 * Uploads      A long blob (over 16 MiB) comes part by part, in any order, several at once, each once: parts that
 *              arrived outlive both sides. An upload belongs to an owner, so that nobody completes a blob with parts
 *              that another owner sent. A part that is being sent twice at once belongs to the newer sender.
 * Named        A store that can take a long blob before anybody knows its id: `named`. Its parts are those of any upload; which
 *              blob they make is said, and compared with what was hashed, when it is completed.
 * Direct       A store whose medium has a door of its own (S3) may name addresses at which clients move bytes without this
 *              process: `direct`. Such a store also takes a blob of at most 16 MiB as an upload of one part.
 */
import type { BlobId, UploadName } from '@croft/contract';

/** Names one long upload. `owner` is a short word of `[a-z0-9-]`. */
export interface UploadRef {
  owner: string;
  id: BlobId;
  size: number;
}

/** An upload of a long blob that has no id yet. */
export interface NamedUploadRef {
  owner: string;
  name: UploadName;
  size: number;
}

/**
 * As the calls of the same names for uploads by id. What is sent for a part that arrived already may replace it or be dropped:
 * the blob is what the parts make in the end.
 */
export interface NamedUploads {
  partsArrived(upload: NamedUploadRef): Promise<number[]>;
  putPart(
    upload: NamedUploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /** Makes the blob of its parts, as `complete` of the id does; asked again, also after a crash, it goes on. */
  complete(upload: NamedUploadRef, id: BlobId): Promise<void>;
  forget(upload: NamedUploadRef): Promise<void>;
}

/** Bytes `start` to `end` (exclusive) of a blob. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface BlobReading {
  /** Size of the whole blob in bytes, not of the range. */
  size: number;
  /** The range clipped to the blob. */
  range: ByteRange;
  /** Verified bytes. Not reading on to the end is fine: `return()` closes the file. */
  body: AsyncIterable<Uint8Array>;
}

/** An address for one request, good for at most 15 minutes. Who has it needs no other right: it is a secret. */
export interface DirectAddress {
  url: string;
  /** Headers that the request must carry, exactly so. */
  headers: Record<string, string>;
}

export interface DirectAccess {
  /**
   * Where one part can be PUT. Only bytes of that part's length and of this SHA-256 are taken there. Uploads by name: of a store
   * that has `named`.
   */
  partAddress(upload: UploadRef | NamedUploadRef, part: number, sha256Hex: string): Promise<DirectAddress>;
  /**
   * Where a blob can be read, whole or by range; null for a short one that lies among others. Whoever reads verifies: nothing
   * was looked at.
   */
  blobAddress(id: BlobId): Promise<DirectAddress | null>;
}

/** A blob as it lies on the medium, unverified: for whoever proves what he makes of its bytes. */
export interface UnverifiedBlob {
  readonly size: number;
  /** The file of this machine that has the same bytes; null where they lie elsewhere. */
  readonly path: string | null;
  /** Bytes of a range within the blob. Damage is no error here, nor are missing bytes. */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

export interface BlobStore {
  /** null where all bytes pass through this process. */
  readonly direct: DirectAccess | null;
  /** null where a long blob must be told by its id from the start. */
  readonly named: NamedUploads | null;
  /** Which of the ids are there. */
  has(ids: Iterable<BlobId>): Promise<Set<BlobId>>;
  stat(id: BlobId): Promise<{ size: number } | null>;

  /** Stores all blobs, each at most 4 MiB and already proven by `decodePack`. */
  putPack(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void>;
  /** Stores one whole blob of at most 16 MiB from a stream of exactly `size` bytes. */
  put(id: BlobId, size: number, body: AsyncIterable<Uint8Array>): Promise<void>;

  /** Part numbers that arrived, ascending. All of them once the upload is complete, until `forget`. */
  partsArrived(upload: UploadRef): Promise<number[]>;
  /** Stores one part that must hash to `sha256Hex`. */
  putPart(upload: UploadRef, part: number, sha256Hex: string, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** Makes the blob of its parts; TRANSFER_UPLOAD_INCOMPLETE while some lack, TRANSFER_HASH_MISMATCH drops them all. */
  complete(upload: UploadRef): Promise<void>;
  /** Drops what is known of an upload, finished or not. A finished blob stays. */
  forget(upload: UploadRef): Promise<void>;

  /** Opens a blob; TRANSFER_NOT_FOUND, TRANSFER_BLOB_CORRUPT. A range past the end is clipped, so it may be empty. */
  read(id: BlobId, range?: ByteRange): Promise<BlobReading>;
  /** The blob for a delta, which is verified as a whole; null where it is not there. A deletion may take it away any time. */
  unverified(id: BlobId): Promise<UnverifiedBlob | null>;
  /**
   * Many short blobs at once, each at most 4 MiB and 32 MiB together, in no order, all verified. One that is not there or
   * is damaged (then it is set aside) lacks in the answer.
   */
  readSmall(ids: readonly BlobId[]): Promise<{ id: BlobId; bytes: Uint8Array }[]>;
  /** Removes a blob. Readings under way end well, or with TRANSFER_NOT_FOUND where the medium lets go at once. */
  delete(id: BlobId): Promise<void>;
  /** Every blob once, in no order; one stored or deleted meanwhile may or may not be named. */
  list(): AsyncIterable<{ id: BlobId; size: number }>;
  /** Ends all; no call may follow. */
  close(): Promise<void>;
}
