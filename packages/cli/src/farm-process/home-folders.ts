/** What lies where in the home of a farm. A disk format: it stays. The farm's own database and key lie in `farm/`. */
import path from 'node:path';

export interface HomeFolders {
  readonly blobs: string;
  /** Home of the node that `croft up` runs. */
  readonly node: string;
  readonly log: string;
}

export function homeFolders(home: string): HomeFolders {
  return {
    blobs: path.join(home, 'blobs'),
    node: path.join(home, 'node'),
    log: path.join(home, 'logs', 'farm.log'),
  };
}
