/**
 * What a route of the native API is: one description from which come the checks of a request, the handler and the
 * OpenAPI document, so that none of them can say something else.
 */
import type { Log } from '@croft/contract';
import type { KeyRights } from '@croft/farm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import type { DoorParts } from '../ports.ts';
import type { NativeAuthenticator, NativeCaller } from './authenticate.ts';

export interface NativeContext<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parts: DoorParts;
  readonly authenticator: NativeAuthenticator;
  readonly log: Log;
}

interface RouteBase<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  /** Below /api/v1, with `{name}` for parameters. */
  readonly path: string;
  /** One sentence for the OpenAPI document. */
  readonly summary: string;
  /** Rights that an access key needs; without a word 'read' for GET, else 'full'. */
  readonly needs?: KeyRights;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** What the answer holds: a JSON schema's source, or a media type of another kind. */
  readonly answers: { readonly json: z.ZodType } | { readonly type: string };
}

type Handled<Caller, Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> = (
  context: NativeContext<z.infer<Params>, z.infer<Query>, z.infer<Body>> & { readonly caller: Caller },
) => Promise<unknown>;

/** A route for signed-in callers. */
export interface NativeRouteOf<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>
  extends RouteBase<Params, Query, Body> {
  readonly open?: false;
  handle: Handled<NativeCaller, Params, Query, Body>;
}

/** A route for everybody, e.g. the one that signs in. */
export interface OpenRouteOf<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>
  extends RouteBase<Params, Query, Body> {
  readonly open: true;
  handle: Handled<null, Params, Query, Body>;
}

/** A route whose types are hidden behind its schemas. */
export interface NativeRoute extends RouteBase<z.ZodObject, z.ZodObject, z.ZodType> {
  readonly open?: boolean;
  handle(
    context: NativeContext<unknown, unknown, unknown> & { readonly caller: NativeCaller | null },
  ): Promise<unknown>;
}

type Nothing = z.ZodObject<Record<never, never>>;

export function defineRoute<
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = Nothing,
>(route: NativeRouteOf<Params, Query, Body> | OpenRouteOf<Params, Query, Body>): NativeRoute {
  return route as unknown as NativeRoute;
}
