/**
 * GET /tasks/{id}/results/file: one published file. Results are strangers' bytes: they are sent as a download, and only
 * pictures may be shown in place, under a policy that runs nothing.
 */
import { Readable } from 'node:stream';
import { confinedPath } from '@croft/contract';
import { serverErrors } from '../errors.ts';
import { PICTURE_TYPES, pictureHeaders } from '../http/pictures.ts';
import type { NativeCaller } from './authenticate.ts';
import type { NativeContext } from './route.ts';

type Query = { path: string; inline?: '0' | '1' | undefined };

export async function sendResultFile(
  context: NativeContext<{ id: number }, Query, unknown> & { readonly caller: NativeCaller },
) {
  const { caller, params, query, parts, reply } = context;
  await parts.reads.mayDownload(caller.accountId, params.id);
  const [task] = await parts.reads.taskInfos(caller.accountId, [params.id]);
  const missing = () =>
    serverErrors.NATIVE_NOT_FOUND(`task ${params.id} has no result ${query.path.slice(0, 200)}`);
  if (task === undefined) throw missing();
  const inside = confinedPath(query.path);
  // A parent has no folder of its own: its results are named from the folders of its children on.
  const folders = task.children.map(({ outputName }) => outputName);
  if (task.outputName === null && !folders.includes(inside.split('/')[1] ?? '')) throw missing();

  // A path below the task's folder, as result rows have it; nothing outside of that folder can be named.
  const path = task.outputName === null ? inside : `/${task.outputName}${inside}`;
  const entry = await parts.reads.treeEntry({ accountId: task.accountId, root: 'output' }, path);
  if (entry === null) throw missing();

  const { size, body } = await parts.bytes.read(entry.id);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const inlineType = query.inline === '1' ? PICTURE_TYPES[extension] : undefined;
  reply
    .headers(pictureHeaders)
    .header('content-length', size)
    .header('content-type', inlineType ?? 'application/octet-stream')
    .header('content-disposition', disposition(inlineType === undefined ? 'attachment' : 'inline', name))
    .header('cache-control', 'private, no-cache')
    .header('etag', `"${entry.id}"`);
  return reply.send(Readable.from(body, { objectMode: false }));
}

/** RFC 6266: a plain name for old readers, the true one in UTF-8 beside it. */
function disposition(kind: 'attachment' | 'inline', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
