/**
 * What an endpoint of the Renderbus API is. Each lies in its own file of `endpoints/` and exports `endpoint`; the
 * registry finds it there. The pipeline around it (`door.ts`) has already authenticated the caller and checked the
 * request against `request` when `handle` runs; what `handle` returns becomes `data` of the envelope.
 */
import type { ApiCode, Log } from '@croft/contract';
import type { Caller, FarmCalls, FarmReads, KeyRights } from '@croft/farm';
import type * as z from 'zod';
import type { AttemptLogs } from '../node-link/attempt-logs.ts';
import type { LocalTimes } from './local-times.ts';

/** What an endpoint may use. */
export interface EndpointContext {
  readonly caller: Caller;
  readonly calls: FarmCalls;
  readonly reads: FarmReads;
  readonly attemptLogs: AttemptLogs;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Reads and writes `yyyy-MM-dd HH:mm:ss` in the farm's time zone. */
  readonly localTimes: LocalTimes;
  /** The `platform` header, 0 where it is absent or no number. */
  readonly platform: number;
  /** Host and port as the caller reached us: what transfer lines name. */
  readonly reachedAt: { readonly host: string; readonly port: number };
}

export interface EndpointOf<Request extends z.ZodType> {
  /** Name in logs and metrics: the last path segment of the newest generation. */
  readonly name: string;
  /** Every path of every generation; case-sensitive. */
  readonly paths: readonly string[];
  /** Mutating endpoints remember their nonce durably, in the farm's store; others in memory. */
  readonly mutates: boolean;
  /**
   * The answer follows from the caller, the body, the platform and the store alone, so that it may be kept while nothing is
   * committed; it may be a second old in what only time changes.
   */
  readonly repeatable?: boolean;
  /** Rights that an access key needs; without a word 'full' where it mutates, else 'read'. */
  readonly needs?: KeyRights;
  readonly request: Request;
  /** Codes that it may answer besides those of every call; the reference of the API lists them. */
  readonly codes?: readonly ApiCode[];
  /** Largest body, when it is not the default of 1 MiB. */
  readonly bodyLimitBytes?: number;
  handle(input: z.infer<Request>, context: EndpointContext): Promise<unknown>;
}

/** An endpoint whose request type is hidden behind its schema. */
export interface Endpoint extends Omit<EndpointOf<z.ZodType>, 'handle'> {
  handle(input: unknown, context: EndpointContext): Promise<unknown>;
}

/** Declares an endpoint; `handle` gets exactly what `request` makes of the body. */
export function defineEndpoint<Request extends z.ZodType>(endpoint: EndpointOf<Request>): Endpoint {
  return endpoint as unknown as Endpoint;
}
