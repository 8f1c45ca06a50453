/** NDJSON answers: the first lines are made before the headers go, so an error there still has its status. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

export async function sendLines(
  reply: FastifyReply,
  chunks: AsyncGenerator<Uint8Array>,
): Promise<FastifyReply> {
  const first = await chunks.next();
  reply.type('application/x-ndjson');
  if (first.done) return reply.send('');
  return reply.send(
    Readable.from(
      (async function* () {
        yield first.value;
        yield* chunks;
      })(),
      { objectMode: false },
    ),
  );
}
