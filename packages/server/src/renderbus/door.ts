/**
 * The Renderbus API: `/api/render/**` and `/api/rendering/**`. Law of this door (compat-api, section 1.3): whatever
 * happens, the answer is HTTP 200 with a whole envelope, never a redirect. The SDK ignores the HTTP status, repeats a
 * call five times on any error, and dies on a missing key.
 *
 * A request goes: path → headers (known key, fresh time) → body bytes → JSON with its number texts → signature → nonce →
 * fields → `handle`. Nothing is changed before all of that passed.
 */
import { errorEnvelope, type Log, MiB, okEnvelope, requestIdOf } from '@croft/contract';
import { EMPTY_RAW_OBJECT, hostCandidates, parseRawJson, plainValue } from '@croft/contract/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import { createKeyCache } from '../http/key-cache.ts';
import { isSecure, pathOf, reachedAt } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import { type ClaimedSigner, claimedSigner, provenCaller } from './authenticate.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { checkedRequest, failureOf } from './failure.ts';
import { loadEndpoints } from './registry.ts';
import { createReplayMemory, type ReplayMemory } from './replay.ts';

const DEFAULT_BODY_LIMIT_BYTES = 1 * MiB;
/** Nothing of this API nests deeper than a few levels. */
const MOST_DEPTH = 32;
/** Four times the longest list of ids that a field takes; more would hold up the door while it is read. */
const MOST_VALUES = 20_000;

/** Whether a path belongs to this door, so that other doors' error handlers can answer in its words. */
export function isRenderbusPath(path: string): boolean {
  return path.startsWith('/api/render/') || path.startsWith('/api/rendering/');
}

interface Call {
  readonly requestId: string;
  readonly log: Log;
  endpoint: Endpoint | null;
  claim: ClaimedSigner | null;
}

/** Calls under way; an entry lives as long as its request. */
type Calls = WeakMap<FastifyRequest, Call>;

export async function registerRenderbusDoor(app: FastifyInstance, parts: DoorParts): Promise<void> {
  const endpoints = await loadEndpoints();
  const keys = createKeyCache(parts.calls, parts.clock);
  const replays = createReplayMemory();
  const underWay: Calls = new WeakMap();

  await app.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    door.addHook('onRequest', async (request) => {
      const requestId = requestIdOf({ nowMs: parts.clock.now(), random: Math.random });
      const call: Call = {
        requestId,
        log: parts.log.child({ reqId: requestId }),
        endpoint: null,
        claim: null,
      };
      underWay.set(request, call);
      call.endpoint = endpoints.get(pathOf(request)) ?? null;
      if (call.endpoint === null) throw serverErrors.API_NO_SUCH_ENDPOINT('there is no such endpoint');
      if (request.method !== 'POST') throw serverErrors.API_ILLEGAL('the API takes POST only');
      call.claim = await claimedSigner(request.headers, parts.clock.now(), parts.signatureWindowMs, keys);
    });

    door.setErrorHandler((thrown, request, reply) => answerFailure(thrown, request, reply, parts, underWay));

    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const call = underWay.get(request)!;
      const data = await handle(request, call, parts, replays);
      return answer(reply, okEnvelope(data, facts(request, call.requestId, parts)));
    };
    for (const [path, endpoint] of endpoints) {
      door.route({
        method: 'POST',
        url: path,
        bodyLimit: endpoint.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
        handler,
      });
    }
    // Everything else of the two trees, other methods included, ends in the onRequest hook's refusals.
    for (const url of ['/api/render/*', '/api/rendering/*']) door.all(url, { bodyLimit: 1 * MiB }, handler);
  });
}

async function handle(
  request: FastifyRequest,
  call: Call,
  parts: DoorParts,
  replays: ReplayMemory,
): Promise<unknown> {
  const endpoint = call.endpoint!;
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body =
    bytes.length === 0
      ? EMPTY_RAW_OBJECT
      : parseRawJson(bytes, { maxDepth: MOST_DEPTH, maxValues: MOST_VALUES });
  const caller = await provenCaller(
    call.claim!,
    {
      headers: request.headers,
      hosts: hostCandidates({
        host: request.headers.host,
        publicHosts: parts.publicHosts,
        listenPort: request.socket.localPort ?? parts.port(),
        secure: isSecure(request),
      }),
      path: pathOf(request),
      body,
      mutates: endpoint.mutates,
      needs: endpoint.needs ?? (endpoint.mutates ? 'full' : 'read'),
    },
    parts.calls,
    replays,
  );
  if (body.kind !== 'object') throw serverErrors.API_ILLEGAL('the body must be a JSON object');
  const input = checkedRequest(endpoint.request, plainValue(body));
  const context: EndpointContext = {
    caller,
    calls: parts.calls,
    reads: parts.reads,
    attemptLogs: parts.attemptLogs,
    log: call.log,
    now: parts.clock.now(),
    localTimes: parts.localTimes,
    platform: platformOf(request),
    reachedAt: reachedAt(request),
  };
  return await endpoint.handle(input, context);
}

/** Answers any error, also those of requests that no route took (wrong method, malformed path). */
export function answerFailure(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: Pick<DoorParts, 'clock' | 'log'>,
  underWay?: Calls,
): FastifyReply {
  const call = underWay?.get(request);
  const requestId = call?.requestId ?? requestIdOf({ nowMs: parts.clock.now(), random: Math.random });
  const { code, detail, hint, error, isBug } = failureOf(thrown);
  const log = call?.log ?? parts.log;
  const about = { path: pathOf(request), code, err: error };
  if (isBug) log.error(about, 'a Renderbus call failed');
  else log.debug(about, 'a Renderbus call was refused');
  const envelope = errorEnvelope(code, facts(request, requestId, parts));
  // `message` stays the code's own word, which clients compare; what exactly is wrong stands beside it.
  return answer(reply, {
    ...envelope,
    ...(detail === null ? {} : { detail }),
    ...(hint === null ? {} : { hint }),
  });
}

function facts(request: FastifyRequest, requestId: string, parts: Pick<DoorParts, 'clock'>) {
  const version = request.headers.version;
  return { nowMs: parts.clock.now(), requestId, version: typeof version === 'string' ? version : undefined };
}

function answer(reply: FastifyReply, envelope: object): FastifyReply {
  return reply
    .code(200)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(envelope));
}

function platformOf(request: FastifyRequest): number {
  const text = request.headers.platform;
  return typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : 0;
}
