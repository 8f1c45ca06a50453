/** What every store checks of the names it is given. */
import { isUploadName, type UploadName } from '@croft/contract';
import { idFitsSize, isWholeId, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import type { ByteRange, NamedUploadRef, UploadRef } from './blob-store.ts';

/** The upload, when it can be one of a long blob: TRANSFER_BAD_REQUEST otherwise. `mayBeWhole` takes short blobs, too. */
export function checkedUpload(upload: UploadRef, mayBeWhole = false): UploadRef {
  if ((isWholeId(upload.id) && !mayBeWhole) || !idFitsSize(upload.id, upload.size)) {
    throw transferErrors.TRANSFER_BAD_REQUEST(`${upload.id} of ${upload.size} bytes is no long blob`);
  }
  checkedOwner(upload.owner);
  return upload;
}

/** The upload, when it can be one by its sender's name: TRANSFER_BAD_REQUEST otherwise, for names become folders. */
export function checkedNamedUpload({ owner, name, size }: NamedUploadRef): {
  owner: string;
  id: UploadName;
  size: number;
} {
  if (!isUploadName(name) || !Number.isSafeInteger(size) || size <= WHOLE_MAX_BYTES)
    throw transferErrors.TRANSFER_BAD_REQUEST('a named upload is one of over 16 MiB');
  return { owner: checkedOwner(owner), id: name, size };
}

/** Owners become folders. */
function checkedOwner(owner: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(owner)) throw new Error(`"${owner}" is no owner of an upload`);
  return owner;
}

/** The range as far as the blob goes; everything where none is asked for. */
export function clippedRange(wanted: ByteRange | undefined, size: number): ByteRange {
  const start = Math.min(Math.max(0, wanted?.start ?? 0), size);
  return { start, end: Math.max(start, Math.min(wanted?.end ?? size, size)) };
}
