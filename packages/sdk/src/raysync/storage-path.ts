/**
 * Remote paths of the raysync engine: `/input/{storage id}-{account id}/path` and `/output/…`. The first name only says
 * what the storage id says better: files of configuration come with `/input/` and the id of the configuration storage.
 */
import { raysyncFailure } from './failures.ts';

export interface StoragePlace {
  readonly storageId: string;
  readonly accountId: string;
  /** Below the storage's root, as it was written; '' is the root. */
  readonly path: string;
}

const PLACE = /^\/+(?:input|output)\/+(\d{1,20})-(\d{1,15})(?:\/(.*))?$/s;

/** Throws code 400 for any other path. */
export function storagePlace(remote: string): StoragePlace {
  const found = PLACE.exec(remote.replaceAll('\\', '/'));
  if (found === null) throw raysyncFailure(400, `there is no storage in the path ${remote.slice(0, 200)}`);
  return { storageId: found[1]!, accountId: found[2]!, path: found[3] ?? '' };
}
