/**
 * The transfer door, `/transfer/v1`: what client, node and transmitter speak to move bytes.
 *
 * Who asks is known from the request: a signed request of an account (`native-signing.ts`), or
 * `Authorization: Bearer <attempt token>` of a node, which may read the inputs and add outputs of that live attempt only,
 * or a storage capability: `croft-storage: <storage id>` with `croft-account: <account id>`, which has the rights of that
 * one root and no others. A transmitter knows nothing else. It may sign as well; then the signer must be that account or
 * one of its sub-accounts. A pair that does not belong together is TRANSFER_STORAGE_REFUSED, whatever is wrong with it,
 * and an address that was refused ten times within a minute waits until the minute is over.
 * All bodies are UTF-8 JSON or NDJSON (one JSON value a line) unless said otherwise. Errors are `ErrorBody`.
 *
 *   POST /missing                       NDJSON of [blobId, size]; answers NDJSON of line numbers (0-based) whose bytes
 *                                       the farm wants. Bytes that only other accounts have are always wanted.
 *   POST /sizes                         NDJSON of sizes in bytes; answers NDJSON of line numbers (0-based) of those that a blob of
 *                                       the account has, see "Sent while it is read" below
 *   POST /packs                         small blobs in one body, see "Pack" below; answers {stored: n}
 *   PUT  /blobs/{id}?size=N             one whole blob of at most 16 MiB; the receiver hashes it
 *   GET  /uploads/{id}?size=N           {parts: number[]}: part numbers (0-based) of a long blob that already arrived
 *   PUT  /uploads/{id}/{part}?size=N    one part; header croft-part-sha256: hex SHA-256 of the part
 *                                       Both take a body of application/x-croft-delta with &base={id}: see "Delta" below.
 *   POST /uploads/{id}/{part}/address?size=N&sha256=HEX   see "Straight to the store" below
 *   POST /uploads/{id}/complete?size=N  the receiver checks all parts against the id, then the blob exists
 *   DELETE /uploads/{id}?size=N         drops what was sent so far
 *   POST /trees/{root}/commit           NDJSON of TreeEntry; all paths switch to their new blob in one transaction, or
 *                                       none does: TRANSFER_BLOB_MISSING names the first blob that is not there.
 *                                       Answers {version}.
 *   POST /trees/{root}/differing        NDJSON of TreeEntry, at most 20,000; answers {version, differing}: line numbers
 *                                       (0-based) of those that the newest version does not show exactly so, or whose bytes
 *                                       are not here. A sender that remembers its files asks this first: what does not
 *                                       differ needs neither the question about its bytes nor a commit. Of a door that
 *                                       does not know the question (404, 405, 413, 501) everything differs.
 *   GET  /trees/{root}?prefix=P&version=V   NDJSON of TreeEntry below P (a path, default everything), ordered by path
 *   GET  /trees/{root}/file?path=P&version=V[&part=N]   the bytes; honours Range; headers croft-blob-id, croft-blob-size
 *   POST /trees/{root}/pack?version=V    NDJSON of paths; answers a pack, see "Packs on the way out" below
 *   GET  /trees/{root}/chunks?path=P    the chunks that the newest bytes of P consist of, to make a delta against them;
 *                                       headers croft-blob-id, croft-blob-size; 12 bytes a chunk: its length (u32 big-endian)
 *                                       and the CRC-32s of its halves. Length 0: no chunk, the farm is still at it.
 *                                       TRANSFER_TOO_LARGE beyond 8 GiB
 *   GET  /attempts/inputs               (attempt token) NDJSON of TreeEntry: every input of the attempt's task
 *   POST /attempts/inputs/pack          (attempt token) NDJSON of blob ids of inputs; answers a pack
 *   GET  /storage                       (storage capability) {root}: which of its account's roots the storage id is
 *   GET  /blobs/{id}                    (attempt token) the bytes of an input of the attempt; honours Range
 *
 * `{root}` is `config`, `input` or `output`: the root of the account that signs. Rights: config is write-only for an
 * account, input is write, list and read, output is list and read. Versions count up per root; without one, the newest.
 *
 * Straight to the store. Where the farm keeps its bytes on an S3 server, answers to /missing and /sizes carry `croft-direct: 1`. Then a
 * part can also be sent to the address that POST .../address answers, {url, headers}: a PUT with exactly these headers, within
 * ten minutes, of the bytes of that part. A blob of at most 16 MiB is one part there (0), and completed like a long one. And a
 * GET of bytes with the header `croft-direct: 1` may be answered by 307 and a `location` that gives the bytes of the whole
 * blob, honours Range and takes no other header. Such addresses are secrets; who follows them hashes what comes. Both are
 * offers: the same request without them moves the bytes through this door.
 *
 * Sent while it is read. A file whose size no blob of the account has cannot be there already, so it need not be hashed before it
 * is sent. What other accounts have plays no part in that answer, and where the account has too many blobs to look through, all
 * sizes are said to be there. Files of at most 16 MiB are hashed as they are read, and sent by their ids. A longer one, whose
 * id is known only when its last part was read, is sent below a name of its sender's: where the answer to /sizes carries
 * `croft-named-uploads: 1`, {id} of GET and PUT /uploads may be `named-` and 64 hex digits. Names belong to their account.
 * POST /uploads/{name}/complete?size=N&id={id} then says which blob it is, and the receiver compares that with what it hashed:
 * TRANSFER_HASH_MISMATCH drops all parts. A part that arrived is kept as it is, so a file that changed is sent by another name.
 *
 * Pack, the unit of the wire for small blobs (body of POST /packs, application/x-croft-pack):
 *   for each blob: u32 big-endian length of the header, the header (JSON {"id": blobId, "size": bytes}), the bytes.
 * At most 4,096 blobs and 32 MiB a pack, 64 KiB a blob header and 4 MiB a blob. A blob whose bytes do not hash to its
 * id fails the whole pack with TRANSFER_HASH_MISMATCH, and none of it is kept.
 *
 * Packs on the way out: short files are asked for together, at most 4,096, by path or (a node) by id. The answer is a pack of
 * those of their blobs that are there, may be read and fit, each once, in any order; `account` names whose outputs, as for a
 * file. What lacks is asked for by itself, and that answer says why. Whoever receives a pack hashes each blob.
 *
 * Compressed bodies. Answers of a farm that takes them carry `accept-encoding: zstd`; then the body of any request may come
 * with `content-encoding: zstd` and `croft-plain-size: N`, as one zstd frame with a window of at most 8 MiB that unfolds to
 * exactly N bytes. A GET of bytes and a question for a pack with `accept-encoding: zstd` may be answered in the same way. Only
 * the wire sees it: signatures, hashes, sizes, ranges, parts and `content-range` are those of the plain bytes. A body that is no
 * such frame, or unfolds to more or fewer bytes, is TRANSFER_HASH_MISMATCH, and what it unfolded to is dropped.
 *
 * Delta, a body that names what is the same in a blob that the account has here already (its base) and holds the rest:
 * records of 0x01, u48 offset in the base, u32 length (a copy), or 0x02, u32 length of at most 4 MiB, the bytes. Numbers
 * are big-endian. Signature, size and hashes are those of the bytes that it stands for. TRANSFER_BLOB_MISSING where the
 * account has no such base.
 */
import * as z from 'zod';
import { type BlobId, isBlobId } from './blob-id.ts';

export const blobIdSchema = z.custom<BlobId>(isBlobId, 'not a blob id');

export const TREE_ROOTS = ['config', 'input', 'output'] as const;
export type TreeRoot = (typeof TREE_ROOTS)[number];

/** One path of a tree. `path` has passed `confinedPath`: it starts with `/` and stays below its root. */
export const treeEntrySchema = z.object({
  path: z.string().max(4096),
  id: blobIdSchema,
  size: z.int().nonnegative(),
  /** Modification time of the file it came from, milliseconds since 1970. */
  mtimeMs: z.number().nonnegative(),
});
export type TreeEntry = z.infer<typeof treeEntrySchema>;

/**
 * Lines of one POST /trees/{root}/commit. They are switched in one transaction and held in memory until all are known to be
 * right, so who switches more paths sends several commits, once the bytes of all are at the farm.
 */
export const MAX_COMMIT_LINES = 50_000;

/** Lines of one POST /trees/{root}/differing. */
export const MAX_DIFFERING_LINES = 20_000;

/** Answer of POST /trees/{root}/differing. */
export const differingReplySchema = z.object({
  version: z.int().nonnegative(),
  differing: z.array(z.int().nonnegative()),
});

export const PACK_TYPE = 'application/x-croft-pack';
export const PACK_MAX_BLOBS = 4096;
export const PACK_MAX_BYTES = 32 * 1024 * 1024;
export const PACK_MAX_BLOB_BYTES = 4 * 1024 * 1024;
export const PACK_MAX_HEADER_BYTES = 64 * 1024;
export const HEADER_PART_SHA256 = 'croft-part-sha256';
export const HEADER_BLOB_ID = 'croft-blob-id';
export const HEADER_BLOB_SIZE = 'croft-blob-size';
export const HEADER_STORAGE = 'croft-storage';
export const HEADER_ACCOUNT = 'croft-account';
/** Beside a storage id: name (percent-encoded) and raysync key of the account that uses it. */
export const HEADER_RAYSYNC_NAME = 'croft-raysync-name';
export const HEADER_RAYSYNC_KEY = 'croft-raysync-key';
export const HEADER_DIRECT = 'croft-direct';
/** Of a compressed body: how many bytes it unfolds to. */
export const HEADER_PLAIN_SIZE = 'croft-plain-size';
/** On answers to /sizes: uploads may have names of their senders'. */
export const HEADER_NAMED = 'croft-named-uploads';

/** A sender's own name of an upload whose blob id it does not know yet. */
export type UploadName = string & { readonly __uploadName: never };

const UPLOAD_NAME = /^named-[0-9a-f]{64}$/;

export function isUploadName(text: unknown): text is UploadName {
  return typeof text === 'string' && UPLOAD_NAME.test(text);
}

/** Answer of POST /uploads/{id}/{part}/address. */
export const partAddressSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string(), z.string()),
});

/** Answer of GET /storage. */
export const storageReplySchema = z.object({ root: z.enum(TREE_ROOTS) });
