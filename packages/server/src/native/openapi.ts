/**
 * The OpenAPI 3.1 document of the native API, made from the routes' own schemas. `packages/server/openapi.json` is its
 * committed copy; a test fails when it is old (write it anew with `node packages/server/src/native/write-openapi.ts`).
 */
import { NATIVE_HEADERS } from '@croft/contract/signing';
import * as z from 'zod';
import type { NativeRoute } from './route.ts';
import { nativeRoutes } from './routes.ts';

export const NATIVE_BASE = '/api/v1';

const errorSchema = {
  type: 'object',
  required: ['code', 'message', 'status'],
  properties: {
    code: { type: 'string', description: 'Stable name of the error, e.g. NATIVE_NOT_SIGNED_IN' },
    message: { type: 'string', description: 'One sentence for people' },
    hint: { type: 'string', description: 'What to do about it' },
    status: { type: 'integer' },
    exit: { type: 'integer', description: 'Exit code of the command line for it' },
    apiCode: { type: 'integer', description: 'Code of the same error in the Renderbus API' },
  },
};

export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of nativeRoutes) {
    const path = `${NATIVE_BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Croft native API',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'croft_session_<port>' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: NATIVE_HEADERS.signature,
          description: `HMAC-SHA256 over the request, with ${Object.values(NATIVE_HEADERS).join(', ')}`,
        },
      },
    },
  };
}

function operation(route: NativeRoute): Record<string, unknown> {
  const success =
    'json' in route.answers
      ? { 'application/json': { schema: schemaOf(route.answers.json, 'output') } }
      : { [route.answers.type]: {} };
  return {
    summary: route.summary,
    ...(route.open ? { security: [] } : { security: [{ session: [] }, { signature: [] }] }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }),
    responses: {
      200: { description: 'Success', content: success },
      default: {
        description: 'An error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query') {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: field,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return rest;
}
