/**
 * The transfer door, `/transfer/v1`: every route of contract's `wire-transfer.ts` over a BlobStore and the farm.
 * It holds no state of its own. Bodies are streams; whoever asks is known before the first byte of a body is read.
 */
import { CroftError, coerceError, EXIT } from '@croft/contract';
import { transferErrors, ZSTD } from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { registerBlobRoutes } from './blob-routes.ts';
import { registerChunkRoute } from './delta.ts';
import { registerDirectRoutes } from './direct-routes.ts';
import { registerPackRoutes } from './pack-routes.ts';
import type { TransferDoorParts, TransferPrincipal } from './ports.ts';
import { registerTreeRoutes } from './tree-routes.ts';
import { registerUploadRoutes } from './upload-routes.ts';

/** Adds the door below `/transfer/v1`, in a context of its own: parsers and hooks do not touch other doors. */
export async function registerTransferDoor(app: FastifyInstance, parts: TransferDoorParts): Promise<void> {
  await app.register(
    async (door) => {
      const principals = new WeakMap<FastifyRequest, TransferPrincipal>();
      // Routes read bodies themselves, as streams.
      door.removeAllContentTypeParsers();
      door.addContentTypeParser('*', (_request, _body, done) => done(null));
      door.addHook('preHandler', async (request) => {
        principals.set(request, await parts.authenticate(request));
      });
      door.addHook('onSend', async (_request, reply) => {
        reply.header('accept-encoding', ZSTD);
      });
      door.setErrorHandler((thrown, request, reply) => {
        const error = asAnswer(thrown);
        if (error === null) {
          const bug = coerceError(thrown);
          parts.log.error({ err: bug, reqId: request.id }, 'a transfer request failed by a bug');
          const body = {
            code: 'SERVER_BUG',
            message: 'something went wrong inside the farm',
            status: 500,
            exit: EXIT.bug,
          };
          return reply.code(500).send(body);
        }
        if (error.status >= 500)
          parts.log.warn({ err: error, reqId: request.id }, 'a transfer request failed');
        return reply.code(error.status).send(error.toJSON());
      });
      door.setNotFoundHandler((_request, reply) => {
        const error = transferErrors.TRANSFER_NOT_FOUND(
          'there is nothing at this address of the transfer door',
        );
        return reply.code(error.status).send(error.toJSON());
      });
      const principalOf = (request: FastifyRequest) => principals.get(request)!;
      registerBlobRoutes(door, parts, principalOf);
      registerUploadRoutes(door, parts, principalOf);
      registerTreeRoutes(door, parts, principalOf);
      registerDirectRoutes(door, parts, principalOf);
      registerPackRoutes(door, parts, principalOf);
      registerChunkRoute(door, parts, principalOf);
    },
    { prefix: '/transfer/v1' },
  );
}

/** The error to show; null for a bug. A connection that the sender cut is nobody's bug. */
function asAnswer(thrown: unknown): CroftError | null {
  if (thrown instanceof CroftError) return thrown;
  const error = coerceError(thrown) as Error & { statusCode?: number; code?: string };
  if (
    error.code === 'ECONNRESET' ||
    error.code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    error.message === 'aborted'
  ) {
    return transferErrors.TRANSFER_UNREACHABLE('the sender went away');
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return transferErrors.TRANSFER_BAD_REQUEST(error.message, { cause: error });
  }
  return null;
}
