/** The native API, `/api/v1`: routes, checks of their fields, and errors as `ErrorBody` with plain HTTP statuses. */
import { KiB, SECOND } from '@croft/contract';
import { NATIVE_HEADERS } from '@croft/contract/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import { serverErrors } from '../errors.ts';
import { checkHost } from '../http/host-check.ts';
import { namedTasks, recordedParameters } from '../http/recorded-parameters.ts';
import type { Recorder } from '../http/recorder.ts';
import { addressOf } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import { failureOf } from '../renderbus/failure.ts';
import type { Asked, NativeAuthenticator } from './authenticate.ts';
import { NATIVE_BASE, openApiDocument } from './openapi.ts';
import type { NativeRoute } from './route.ts';
import { nativeRoutes } from './routes.ts';

const BODY_LIMIT_BYTES = 64 * KiB;
const SUCCESS = 200;
/** Wrong places of a request that its refusal names. */
const MOST_PLACES = 3;

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
      holdBack(request, reply, parts);
      const caller = route.open ? null : await authenticator.caller(request, asked(route, request));
      const answer = await recorded(caller?.operation ?? null, parts.recorder, async () =>
        route.handle({
          caller,
          params: checked(route.params, request.params),
          query: checked(route.query, request.query),
          body: checked(route.body, jsonBody(request.body)),
          request,
          reply,
          parts,
          authenticator,
          log: parts.log,
        }),
      );
      if (answer === reply) return reply;
      return reply
        .header('content-type', 'application/json; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(JSON.stringify(answer));
    },
  });
}

/** Throws TOO_MANY_CALLS for a key that calls too often from one address, and for an address without one. */
function holdBack(request: FastifyRequest, reply: FastifyReply, { callLimit }: DoorParts): void {
  const accessId = request.headers[NATIVE_HEADERS.accessId] ?? '';
  const waitMs = callLimit.take(`${accessId} ${addressOf(request)}`);
  if (waitMs === 0) return;
  reply.header('retry-after', Math.ceil(waitMs / SECOND));
  throw serverErrors.TOO_MANY_CALLS(`too many calls; the next one is taken in ${waitMs} ms`);
}

/** What a route needs of a key, and for one that may change something what its record says. */
function asked(route: NativeRoute, request: FastifyRequest): Asked {
  if (route.method === 'GET') return { needs: route.needs ?? 'read' };
  return {
    needs: route.needs ?? 'full',
    record: () => ({
      button: route.path.slice(1),
      taskIds: route.path.startsWith('/tasks/{id}')
        ? namedTasks({ taskId: fieldsOf(request.params).id })
        : [],
      parameters: recordedParameters({ ...fieldsOf(request.params), ...fieldsOf(triedJson(request.body)) }),
    }),
  };
}

/** Adds to the record what came of the operation. */
async function recorded(
  operation: number | null,
  recorder: Recorder,
  carryOut: () => Promise<unknown>,
): Promise<unknown> {
  if (operation === null) return carryOut();
  try {
    const answer = await carryOut();
    recorder.end({ id: operation, outcome: SUCCESS, details: '' });
    return answer;
  } catch (thrown) {
    const { code, detail } = failureOf(thrown);
    recorder.end({ id: operation, outcome: code, details: detail ?? '' });
    throw thrown;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The body for its record; what is wrong with it is told when the route reads it. */
function triedJson(body: unknown): unknown {
  try {
    return jsonBody(body);
  } catch {
    return {};
  }
}

function jsonBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw serverErrors.NATIVE_INPUT_INVALID('the body is not JSON', { cause });
  }
}

/** The first wrong places in one line: `name: too small: expected string to have >=1 characters`. */
function wrongPlaces({ issues }: z.ZodError): string {
  return issues
    .slice(0, MOST_PLACES)
    .map(
      ({ path, message }) =>
        `${path.join('.') || 'the whole of it'}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    )
    .join('; ');
}

function checked(schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw serverErrors.NATIVE_INPUT_INVALID(`the request is not valid: ${wrongPlaces(result.error)}`);
}
