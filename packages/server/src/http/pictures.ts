/** `/files/**`: thumbnails and progress pictures. The path is the capability: whoever knows it may look. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { serverErrors } from '../errors.ts';
import type { DoorParts } from '../ports.ts';

/** Media type by format or file suffix of pictures that browsers show. */
export const PICTURE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
};

/** Rendered bytes come from strangers' scenes: nothing in them may run or be taken for something else. */
export const pictureHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
};

const LONGEST_CAPABILITY = 500;

export function registerPictures(app: FastifyInstance, parts: Pick<DoorParts, 'reads' | 'bytes'>): void {
  app.get<{ Params: { '*': string } }>('/files/*', async (request, reply) => {
    const capability = request.params['*'];
    const picture = capability.length > LONGEST_CAPABILITY ? null : await parts.reads.picture(capability);
    if (picture === null) throw serverErrors.NATIVE_NOT_FOUND('there is no such picture');
    // The bytes under a capability never change, so a browser that has them may keep them.
    const etag = `"${picture.id}"`;
    reply
      .headers(pictureHeaders)
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const { size, body } = await parts.bytes.read(picture.id);
    return reply
      .header('content-length', size)
      .header('content-type', PICTURE_TYPES[picture.format] ?? 'application/octet-stream')
      .send(Readable.from(body, { objectMode: false }));
  });
}
