/** What lies where in the home of a farm. A disk format: it stays. Beside these: `farm/` (database and
 * master key), `logs/` (what the apps printed), `tls/` (the own certificate), `client.json`, and the operator's `catalogue.json`. */
import path from 'node:path';

export interface HomeFolders {
  readonly blobs: string;
  /** Says which bucket keeps the bytes instead: store-note.ts. */
  readonly storeNote: string;
  /** Which short blobs lie where in that bucket; made anew from the bucket where it is lost. */
  readonly bucketIndex: string;
  /** Home of the node that `croft up` runs. */
  readonly node: string;
  readonly log: string;
}

export function homeFolders(home: string): HomeFolders {
  return {
    blobs: path.join(home, 'blobs'),
    storeNote: path.join(home, 'blobs.json'),
    bucketIndex: path.join(home, 'bucket-index.sqlite'),
    node: path.join(home, 'node'),
    log: path.join(home, 'farm.log'),
  };
}
