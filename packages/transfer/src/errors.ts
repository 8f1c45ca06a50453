/** Every error of the transfer room: what a sender, a receiver or a blob store can tell a user. Codes are public. */
import { defineErrors, EXIT } from '@croft/contract';

export const transferErrors = defineErrors({
  TRANSFER_BAD_REQUEST: { status: 400, exit: EXIT.usage },
  TRANSFER_PACK_INVALID: { status: 400, exit: EXIT.usage },
  TRANSFER_TOO_LARGE: { status: 413, exit: EXIT.badInput },
  TRANSFER_NOT_SIGNED_IN: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Check the access key and that the clock of this machine is right.',
  },
  /** Storage id and account do not belong together; nothing says whether either exists. */
  TRANSFER_STORAGE_REFUSED: {
    status: 403,
    exit: EXIT.refused,
    hint: 'Ask the farm for its storage ids again (getBid): they may have been replaced.',
  },
  TRANSFER_NOT_ALLOWED: { status: 403, exit: EXIT.refused },
  TRANSFER_RANGE_REFUSED: { status: 416, exit: EXIT.usage },
  TRANSFER_NOT_FOUND: { status: 404, exit: EXIT.notFound },
  /** A commit names bytes that the farm does not have from this account. */
  TRANSFER_BLOB_MISSING: { status: 409, exit: EXIT.badInput, hint: 'Upload the file again.' },
  /** The bytes received are not those that the id names. The receiver keeps none of them. */
  TRANSFER_HASH_MISMATCH: { status: 422, exit: EXIT.badInput },
  TRANSFER_UPLOAD_INCOMPLETE: { status: 409, exit: EXIT.badInput },
  /** A newer request sends the same part; the older one gives way. Retryable. */
  TRANSFER_PART_SUPERSEDED: { status: 409, exit: EXIT.resource },
  /** Stored bytes no longer hash to their id; they are set aside and never delivered. */
  TRANSFER_BLOB_CORRUPT: {
    status: 500,
    exit: EXIT.resource,
    hint: 'The damaged copy was set aside; uploading the file again heals it. Check the disk of the farm.',
  },
  TRANSFER_NO_SPACE: {
    status: 507,
    exit: EXIT.resource,
    hint: 'Free space on that disk, or move the folder to a larger one; the transfer goes on where it stopped.',
  },
  TRANSFER_STORE_LOCKED: {
    status: 503,
    exit: EXIT.resource,
    hint: 'Stop the other process, or give this one another home.',
  },
  /** The address of a blob store cannot be read. */
  TRANSFER_STORE_ADDRESS: {
    status: 400,
    exit: EXIT.usage,
    hint: 'It looks like s3://bucket/folder?endpoint=https://s3.example.com; leave it out to keep bytes in the home folder.',
  },
  /** The S3 server knows the key, the bucket or the right not. Trying again does not help. */
  TRANSFER_STORE_REFUSED: {
    status: 502,
    exit: EXIT.refused,
    hint: 'Check the name of the bucket, the access key, and that the key may list, read, write and delete in it.',
  },
  TRANSFER_STORE_UNREACHABLE: {
    status: 503,
    exit: EXIT.unreachable,
    hint: 'Check the endpoint, and that the S3 server runs.',
  },
  /** The farm keeps its bytes elsewhere, or the bucket holds those of another farm. */
  TRANSFER_STORE_OTHER: { status: 409, exit: EXIT.badInput },
  TRANSFER_FILE_CHANGED: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Wait until the program that writes the file is done, then start the upload again.',
  },
  TRANSFER_FILE_UNREADABLE: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Make it readable, or leave it out; what arrived before is not sent again.',
  },
  /** A place on this disk must not be written: a link leads out of the folder, or the name means a device. */
  TRANSFER_PLACE_REFUSED: { status: 400, exit: EXIT.badInput },
  /** The path on the farm got other bytes after it was listed. Listing again gives the new ones. */
  TRANSFER_SOURCE_CHANGED: { status: 409, exit: EXIT.resource, hint: 'Start the download again.' },
  TRANSFER_UNREACHABLE: {
    status: 503,
    exit: EXIT.unreachable,
    hint: 'Check the address, and that the farm runs; the transfer goes on where it stopped.',
  },
  /** The certificate that was shown is not one to trust. Trying again does not help. */
  TRANSFER_NOT_TRUSTED: {
    status: 502,
    exit: EXIT.unreachable,
    hint: 'Give the certificate file that the farm named when it started, with --ca FILE or CROFT_CA.',
  },
  /** No name server knows the host, and none has known it in this run. */
  TRANSFER_HOST_UNKNOWN: { status: 503, exit: EXIT.unreachable, hint: 'Check the address for a slip.' },
  /** The farm answered something that is not in the protocol. */
  TRANSFER_ANSWER_INVALID: {
    status: 502,
    exit: EXIT.unreachable,
    hint: 'Is there another program, or a proxy, at this address?',
  },
  TRANSFER_INTERRUPTED: {
    status: 499,
    exit: EXIT.interrupted,
    hint: 'Start it again: it goes on where it stopped.',
  },
});
