/** The one Fastify app that all doors register with: how long a client may take, and how errors are answered. */
import { CroftError, coerceError, MINUTE, SECOND } from '@croft/contract';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serverErrors } from './errors.ts';
import { pathOf } from './http/request-facts.ts';
import type { DoorParts } from './ports.ts';
import { answerFailure, isRenderbusPath } from './renderbus/door.ts';

/** A client gets this long for its headers, and this long without a byte; whole requests may be long uploads. */
export const HEADERS_TIMEOUT_MS = 15 * SECOND;
export const IDLE_TIMEOUT_MS = 60 * SECOND;
/** A 16 MiB part at 20 KB/s still fits; a body that trickles longer than this is cut. */
export const REQUEST_TIMEOUT_MS = 15 * MINUTE;
export const KEEP_ALIVE_MS = 65 * SECOND;
export const MOST_CONNECTIONS = 10_000;

/** No routes yet; those not found and all that doors throw are answered here. */
export function createApp(parts: DoorParts): FastifyInstance {
  const app = Fastify({
    logger: false,
    trustProxy: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    connectionTimeout: IDLE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: 500, caseSensitive: true, ignoreTrailingSlash: false },
    // Only a path that cannot be decoded comes here: it names nothing.
    frameworkErrors: (_error, request, reply) => {
      const nowhere = isRenderbusPath(pathOf(request as FastifyRequest))
        ? serverErrors.API_NO_SUCH_ENDPOINT('there is no such endpoint')
        : serverErrors.NATIVE_NOT_FOUND('there is no such page');
      answerError(nowhere, request as FastifyRequest, reply as unknown as FastifyReply, parts);
    },
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, parts));
  app.setNotFoundHandler((request, reply) => {
    const missing = isRenderbusPath(pathOf(request))
      ? serverErrors.API_ILLEGAL('the API takes POST only')
      : serverErrors.NATIVE_NOT_FOUND(`there is no ${request.method} ${pathOf(request).slice(0, 200)}`);
    return answerError(missing, request, reply, parts);
  });
  return app;
}

/** Errors as `ErrorBody` with their own status; under the Renderbus paths as an envelope. Bugs show nothing of their insides. */
function answerError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: DoorParts,
): FastifyReply {
  if (isRenderbusPath(pathOf(request))) return answerFailure(thrown, request, reply, parts);
  const error = coerceError(thrown);
  if (!(error instanceof CroftError)) {
    const status = 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status >= 400 && status < 500) {
      const kind = status === 413 ? serverErrors.NATIVE_TOO_LARGE : serverErrors.NATIVE_INPUT_INVALID;
      return sendError(reply, kind(error.message));
    }
    parts.log.error({ err: error, path: pathOf(request) }, 'a request failed');
    const body = {
      code: 'INTERNAL',
      message: 'the farm made a mistake; its log says more',
      status: 500,
      exit: 1,
    };
    return reply
      .code(500)
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(body));
  }
  if (error.status >= 500) parts.log.error({ err: error, path: pathOf(request) }, 'a request failed');
  return sendError(reply, error);
}

function sendError(reply: FastifyReply, error: CroftError): FastifyReply {
  return reply
    .code(error.status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(error));
}
