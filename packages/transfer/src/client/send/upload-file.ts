import type { HashedFile } from '../../blob-hash.ts';

/** A file to send and the tree path it gets. */
export interface UploadFile {
  localPath: string;
  treePath: string;
  /**
   * What the caller knows of the file from an earlier upload. Where size and time still fit, the file is not read as long
   * as the farm has these bytes; where the farm has not, it is read and sent as ever.
   */
  remembered?: RememberedFile | undefined;
}

export interface RememberedFile extends Pick<HashedFile, 'id' | 'size' | 'mtimeMs'> {
  /** The caller looked at the file just now and found it so: it is not looked at again. */
  isLookedAt?: boolean;
}
