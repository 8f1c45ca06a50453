/** The native API, `/api/v1`: routes, checks of their fields, and errors as `ErrorBody` with plain HTTP statuses. */
import { KiB } from '@croft/contract';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';
import { checkHost } from '../http/host-check.ts';
import { refuseLesserKey } from '../http/key-rights.ts';
import type { DoorParts } from '../ports.ts';
import type { NativeAuthenticator } from './authenticate.ts';
import { NATIVE_BASE, openApiDocument } from './openapi.ts';
import type { NativeRoute } from './route.ts';
import { nativeRoutes } from './routes.ts';

const BODY_LIMIT_BYTES = 64 * KiB;

export async function registerNativeDoor(
  app: FastifyInstance,
  parts: DoorParts,
  authenticator: NativeAuthenticator,
): Promise<void> {
  await app.register(
    async (door) => {
      door.removeAllContentTypeParsers();
      door.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
        (_request, body, done) => done(null, body),
      );
      door.addHook('onRequest', async (request) => checkHost(request.headers.host, parts.publicHosts));
      for (const route of nativeRoutes) addRoute(door, route, parts, authenticator);
      let document: string | null = null;
      door.get('/openapi.json', async (_request, reply) => {
        document ??= JSON.stringify(openApiDocument());
        return reply.header('content-type', 'application/json; charset=utf-8').send(document);
      });
    },
    { prefix: NATIVE_BASE },
  );
}

function addRoute(
  door: FastifyInstance,
  route: NativeRoute,
  parts: DoorParts,
  authenticator: NativeAuthenticator,
): void {
  door.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    async handler(request, reply) {
      const caller = route.open ? null : await authenticator.caller(request);
      if (caller !== null)
        refuseLesserKey(caller.rights, route.needs ?? (route.method === 'GET' ? 'read' : 'full'));
      const answer = await route.handle({
        caller,
        params: checked(route.params, request.params),
        query: checked(route.query, request.query),
        body: checked(route.body, jsonBody(request.body)),
        request,
        reply,
        parts,
        authenticator,
        log: parts.log,
      });
      if (answer === reply) return reply;
      return reply
        .header('content-type', 'application/json; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(JSON.stringify(answer));
    },
  });
}

function jsonBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw serverErrors.NATIVE_INPUT_INVALID('the body is not JSON', { cause });
  }
}

function checked(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw serverErrors.NATIVE_INPUT_INVALID(`the request is not valid: ${z.prettifyError(result.error)}`);
}
