/** `/healthz`: the process answers. `/readyz`: so does the farm, thread and store. */
import { coerceError } from '@croft/contract';
import type { FastifyInstance } from 'fastify';
import type { DoorParts } from '../ports.ts';

export function registerHealth(
  app: FastifyInstance,
  { calls, reads, log }: Pick<DoorParts, 'calls' | 'reads' | 'log'>,
) {
  app.get('/healthz', async (_request, reply) => reply.header('content-type', 'text/plain').send('ok\n'));
  app.get('/readyz', async (_request, reply) => {
    reply.header('content-type', 'text/plain');
    try {
      await Promise.all([calls.keySecret(''), reads.nodes()]);
      return reply.send('ready\n');
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'the farm is not ready');
      return reply.code(503).send('not ready\n');
    }
  });
}
