/**
 * One call with its headers in order: prove the body, ask whether the address may, remember the nonce, check the fields, do
 * it. A call that may change something is recorded in the commit that remembers its nonce.
 */
import { KiB, type Log } from '@croft/contract';
import { hostCandidates } from '@croft/contract/signing';
import type { FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import { refuseLesserKey, refuseLockedKey, secretsOf } from '../http/key-rights.ts';
import { madeTasks, namedTasks, recordedParameters } from '../http/recorded-parameters.ts';
import type { CallPlace } from '../http/recorder.ts';
import { addressOf, forwardedPrefix, isSecure, pathOf, reachedAt } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import type { ClaimedSigner } from './authenticate.ts';
import type { Endpoint, EndpointContext } from './endpoint.ts';
import { checkedRequest, failureOf } from './failure.ts';
import type { KeptAnswers } from './kept-answers.ts';
import type { LongBodies } from './long-bodies.ts';
import type { ReplayMemory } from './replay.ts';

/** Channel of calls that name none: API and SDK. */
const API_CHANNEL = 4;
const SUCCESS = 200;
const LONGEST_QUESTION_BYTES = 2 * KiB;

/** What the door keeps between calls. */
export interface Tools {
  readonly replays: ReplayMemory;
  readonly longBodies: LongBodies;
  readonly keptAnswers: KeptAnswers;
}

/** A call whose headers are in order. */
export interface ClaimedCall {
  readonly requestId: string;
  readonly log: Log;
  readonly endpoint: Endpoint;
  readonly claim: ClaimedSigner;
}

/** `data` of the answer, as `JsonText` where it is ready to be sent; throws whatever refuses the call. */
export async function carryOut(
  request: FastifyRequest,
  call: ClaimedCall,
  parts: DoorParts,
  tools: Tools,
): Promise<unknown> {
  const { endpoint, claim } = call;
  const { accessId, timestampSeconds, once } = claim;
  const { caller } = claim.key;
  const place = placeOf(request, call.requestId);
  const refused = (error: unknown) => {
    parts.recorder.keyRefused(accessId, caller, failureOf(error).code, place);
    return error;
  };
  const input = await provenInput(request, claim, parts, tools.longBodies, refused);
  try {
    refuseLockedKey(claim.key);
    await parts.addresses.check(caller.accountId, place.address);
  } catch (thrown) {
    throw refused(thrown);
  }
  refuseLesserKey(claim.key.rights, endpoint.needs ?? (endpoint.mutates ? 'full' : 'read'));
  const context = contextOf(request, call, parts);
  if (endpoint.mutates) return carryOutRecorded(request, call, input, context, parts.recorder, place);
  if (!tools.replays.remember(accessId, timestampSeconds, once)) throw replayed();
  parts.recorder.keyUsed(accessId, caller, place);
  const answer = () => endpoint.handle(checkedRequest(endpoint.request, input), context);
  const question = endpoint.repeatable ? questionOf(request, endpoint, context) : null;
  return question === null ? answer() : tools.keptAnswers.of(question, async () => answer());
}

/** Who asks what, in words; null where that is too long to be kept. */
function questionOf(request: FastifyRequest, endpoint: Endpoint, context: EndpointContext): string | null {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (body.length > LONGEST_QUESTION_BYTES) return null;
  const { caller, platform } = context;
  return `${endpoint.name} ${caller.accountId} ${platform} ${body.toString()}`;
}

/** The body's fields, once the signature over them is proven. */
async function provenInput(
  request: FastifyRequest,
  claim: ClaimedSigner,
  parts: DoorParts,
  longBodies: LongBodies,
  refused: (error: unknown) => unknown,
): Promise<unknown> {
  const proof = await longBodies.prove({
    bytes: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    headers: request.headers,
    hosts: hostCandidates({
      host: request.headers.host,
      publicHosts: parts.publicHosts,
      listenPort: request.socket.localPort ?? parts.port(),
      secure: isSecure(request),
      prefixes: [forwardedPrefix(request)].filter(Boolean),
    }),
    path: pathOf(request),
    secrets: secretsOf(claim.key),
  });
  if (!proof.isProven) throw refused(serverErrors.SIGNATURE_INVALID('the signature does not fit'));
  if (!proof.isObject) throw serverErrors.API_ILLEGAL('the body must be a JSON object');
  return proof.input;
}

/** The record and the nonce are one commit, before anything else is changed. */
async function carryOutRecorded(
  request: FastifyRequest,
  { endpoint, claim }: ClaimedCall,
  input: unknown,
  context: EndpointContext,
  recorder: DoorParts['recorder'],
  place: CallPlace,
): Promise<unknown> {
  const { accessId, timestampSeconds, once } = claim;
  const facts = {
    caller: context.caller,
    button: endpoint.name,
    taskIds: namedTasks(input),
    channel: numberHeader(request, 'channel') ?? API_CHANNEL,
    address: place.address,
    uri: pathOf(request),
    parameters: recordedParameters(input),
  };
  const id = await recorder.begin(facts, { accessId, timestampSeconds, nonce: once });
  if (id === null) throw replayed();
  recorder.keyUsed(accessId, context.caller, place);
  try {
    const data = await endpoint.handle(checkedRequest(endpoint.request, input), context);
    recorder.end({ id, outcome: SUCCESS, details: '', taskIds: madeTasks(data) });
    return data;
  } catch (thrown) {
    const { code, detail } = failureOf(thrown);
    recorder.end({ id, outcome: code, details: detail ?? '' });
    throw thrown;
  }
}

function contextOf(request: FastifyRequest, { claim, log }: ClaimedCall, parts: DoorParts): EndpointContext {
  return {
    caller: claim.key.caller,
    calls: parts.calls,
    reads: parts.reads,
    attemptLogs: parts.attemptLogs,
    log,
    now: parts.clock.now(),
    localTimes: parts.localTimes,
    platform: numberHeader(request, 'platform') ?? 0,
    reachedAt: reachedAt(request),
  };
}

function replayed(): Error {
  return serverErrors.SIGNATURE_REPLAYED('this request was sent before');
}

function placeOf(request: FastifyRequest, requestId: string): CallPlace {
  return {
    address: addressOf(request),
    userAgent: String(request.headers['user-agent'] ?? ''),
    traceId: requestId,
  };
}

function numberHeader(request: FastifyRequest, name: string): number | undefined {
  const text = request.headers[name];
  return typeof text === 'string' && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
