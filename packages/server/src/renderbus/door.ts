/**
 * The Renderbus API: `/api/render/**` and `/api/rendering/**`. Law of this door (compat-api, section 1.3): whatever
 * happens, the answer is HTTP 200 with a whole envelope, never a redirect. The SDK ignores the HTTP status, repeats a
 * call five times on any error, and dies on a missing key.
 *
 * A request goes: path → headers (known key, fresh time) → how often → body bytes → JSON with its number texts → signature
 * → address → nonce, and for a call that may change something its record in the same commit → fields → `handle`. Nothing is
 * changed before all of that passed.
 */
import { errorEnvelope, type Log, MiB, okEnvelope, requestIdOf, SECOND } from '@croft/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import { createKeyCache } from '../http/key-cache.ts';
import { addressOf, pathOf } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import { type ClaimedSigner, claimedSigner } from './authenticate.ts';
import { carryOut, type Tools } from './carry-out.ts';
import type { Endpoint } from './endpoint.ts';
import { failureOf } from './failure.ts';
import { createKeptAnswers, envelopeAround, JsonText } from './kept-answers.ts';
import { createLongBodies } from './long-bodies.ts';
import { loadEndpoints } from './registry.ts';
import { createReplayMemory } from './replay.ts';

const DEFAULT_BODY_LIMIT_BYTES = 1 * MiB;
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
  const tools: Tools = {
    replays: createReplayMemory(),
    longBodies: createLongBodies(),
    keptAnswers: createKeptAnswers(parts.reads, parts.clock),
  };
  const underWay: Calls = new WeakMap();

  await app.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    door.addHook('onRequest', async (request, reply) => {
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
      const sender = `${call.claim.accessId} ${addressOf(request)}`;
      holdBack(sender, reply, parts);
      const giveBack = tools.longBodies.admit(sender, announcedBytes(request, call.endpoint));
      reply.raw.once('close', giveBack);
      // Whoever left while the key was looked up closes nothing any more.
      if (request.raw.socket.destroyed) giveBack();
    });
    door.addHook('onClose', () => tools.longBodies.close());

    door.setErrorHandler((thrown, request, reply) => answerFailure(thrown, request, reply, parts, underWay));

    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const call = underWay.get(request)!;
      const { requestId, log, endpoint, claim } = call;
      const data = await carryOut(
        request,
        { requestId, log, endpoint: endpoint!, claim: claim! },
        parts,
        tools,
      );
      const about = facts(request, call.requestId, parts);
      if (data instanceof JsonText) return answerPieces(reply, envelopeAround(data, about));
      return answer(reply, okEnvelope(data, about));
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

/** Throws TOO_MANY_CALLS for a key that calls too often from one address. */
function holdBack(sender: string, reply: FastifyReply, parts: DoorParts): void {
  const waitMs = parts.callLimit.take(sender);
  if (waitMs === 0) return;
  reply.header('retry-after', Math.ceil(waitMs / SECOND));
  throw serverErrors.TOO_MANY_CALLS(`this key calls too often; the next call is taken in ${waitMs} ms`);
}

/** How long the body says it is; one that does not say may be as long as the endpoint allows. */
function announcedBytes(request: FastifyRequest, endpoint: Endpoint): number {
  const most = endpoint.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES;
  const announced = Number(request.headers['content-length'] ?? most);
  return Math.min(most, Number.isSafeInteger(announced) && announced >= 0 ? announced : most);
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

const ANSWER_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
} as const;

function answer(reply: FastifyReply, envelope: object): FastifyReply {
  return reply.code(200).headers(ANSWER_HEADERS).send(JSON.stringify(envelope));
}

/** Writes past Fastify, which takes one piece only: putting a long answer together costs as much as sending it. */
function answerPieces(reply: FastifyReply, pieces: readonly Buffer[]): FastifyReply {
  reply.hijack();
  const { raw } = reply;
  raw.cork();
  raw.writeHead(200, {
    ...ANSWER_HEADERS,
    'content-length': pieces.reduce((sum, { length }) => sum + length, 0),
  });
  for (const piece of pieces) raw.write(piece);
  raw.end();
  raw.uncork();
  return reply;
}
