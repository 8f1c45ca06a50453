/** What a farm stores, through the native API; contract: wire-files.ts. */
import {
  type FileList,
  fileListSchema,
  type ScrubLine,
  type ScrubWish,
  scrubLineSchema,
  type TreeRoot,
} from '@croft/contract';
import { readNdjson } from '@croft/transfer';
import type { NativeClient } from './native-client.ts';

/** Which folder: of a storage of the caller's, or of a task's outputs. */
export interface FolderWish {
  readonly root?: TreeRoot;
  readonly path?: string;
  readonly taskId?: number;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Rows of one page, at most 1,000. */
  readonly limit?: number;
}

export interface FilesClient {
  /** One page of a folder. Throws the farm's 404 where there is nothing at or below the path. */
  folder(wish: FolderWish): Promise<FileList>;
  /**
   * Has all stored bytes read and yields what the farm tells. Administrators only. Its last line is `end`, or `failed`;
   * breaking off ends it on the farm, too.
   */
  scrub(wish: ScrubWish, signal?: AbortSignal): AsyncGenerator<ScrubLine>;
}

export function nativeFiles(native: NativeClient): FilesClient {
  return {
    folder({ root, path, taskId, after, limit }) {
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries({ root, path, task: taskId, after, limit }))
        if (value !== undefined) query.set(name, String(value));
      return native.read(`/files?${query.toString()}`, fileListSchema);
    },
    async *scrub(wish, signal) {
      const body = await native.stream('/scrub', wish, signal);
      for await (const line of readNdjson(body, Number.MAX_SAFE_INTEGER)) yield scrubLineSchema.parse(line);
    },
  };
}
