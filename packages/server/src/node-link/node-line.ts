/**
 * One node's WebSocket, from challenge to end.
 *
 * States: `unproven` (challenge sent, only `prove` is taken) → `greeting` (proven, only `hello` is taken) → `live` →
 * `ended`. Both waits together are bounded by `GREETING_MS`. What arrives is worked off one message at a time, in order;
 * while `MOST_WAITING` messages wait, the socket is not read, so that a fast node waits in its own buffers.
 *
 * `accepted {seq}` goes out after the farm has committed the report, also for one that it refuses as stale, and for one
 * that has not the form of a report: else the node would repeat it for ever, and its attempt is cancelled. A report that
 * the farm could not take (its store failed, it is closing) is not answered: the link is closed, and the node sends it
 * again on its next one.
 */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  type Clock,
  CroftError,
  coerceError,
  type FromNode,
  KiB,
  type Log,
  linkProofText,
  MiB,
  SECOND,
  type ToNode,
} from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import type { WebSocket } from 'ws';
import { serverErrors } from '../errors.ts';
import type { NodeLine, ServerOutlet } from '../outlet.ts';
import type { AttemptLogs } from './attempt-logs.ts';
import { nodeMessage, type UnreadableReport } from './node-messages.ts';

const GREETING_MS = 10 * SECOND;
const PING_MS = 10 * SECOND;
/** How often a node sends `pulse`. */
export const PULSE_MS = 5 * SECOND;
const MOST_WAITING = 64;
/** Before the node is proven, nothing longer than this is looked at. */
const LARGEST_GREETING_BYTES = 16 * KiB;
/** Unsent bytes after which a node that does not read is cut off. */
const MOST_UNSENT_BYTES = 16 * MiB;
/** Raw Ed25519 keys become readable to node:crypto behind this fixed DER header (RFC 8410). */
const ED25519_DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Close codes of this link, in the range that applications may use. */
const CLOSE = { protocol: 4000, replaced: 4001, unproven: 4003, farmFailed: 4005, goingAway: 1001 } as const;

export interface NodeLineParts {
  readonly calls: FarmCalls;
  readonly outlet: ServerOutlet;
  readonly attemptLogs: AttemptLogs;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of this farm, as `welcome` tells it. */
  readonly farmName: string;
}

/** Serves the socket until it closes. */
export function serveNodeLine(socket: WebSocket, parts: NodeLineParts): void {
  const { calls, outlet, attemptLogs, clock } = parts;
  const nonce = randomBytes(32).toString('base64url');
  let log = parts.log;
  let state: 'unproven' | 'greeting' | 'live' | 'ended' = 'unproven';
  let nodeId = '';
  let waiting = 0;
  let work: Promise<void> = Promise.resolve();
  let answered = true;

  const send = (message: ToNode): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) {
      log.warn({ node: nodeId }, 'a node does not read its messages; its link is cut');
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(message));
  };
  const refuse = (error: CroftError, code: number): void => {
    send({ type: 'error', error: { code: error.code, message: error.message } });
    socket.close(code, error.code);
  };

  const line: NodeLine = {
    send(message) {
      if (message.type === 'run') {
        const { attemptId, taskId } = message.order;
        attemptLogs.begin(attemptId, taskId, nodeId).catch((thrown) => {
          log.warn(
            { attempt: attemptId, err: coerceError(thrown) },
            'the log of an attempt could not be begun',
          );
        });
      }
      send(message);
    },
    replaced() {
      state = 'ended';
      refuse(serverErrors.NODE_LINK_REPLACED('another link of this node took over'), CLOSE.replaced);
    },
  };

  async function prove(message: FromNode): Promise<void> {
    if (message.type !== 'prove') throw serverErrors.NODE_LINK_PROTOCOL('the first message must be "prove"');
    const publicKey = await calls.nodePublicKey(message.nodeId);
    if (publicKey === null) throw serverErrors.NODE_LINK_UNKNOWN_NODE('this node is not enrolled here');
    if (!isProof(publicKey, nonce, message.signature)) {
      throw serverErrors.NODE_LINK_PROOF_WRONG('the signature does not fit the key of this node');
    }
    nodeId = message.nodeId;
    log = log.child({ node: nodeId });
    state = 'greeting';
    send({ type: 'welcome', nodeId, farm: parts.farmName, pulseMs: PULSE_MS });
  }

  async function greet(message: FromNode): Promise<void> {
    if (message.type !== 'hello')
      throw serverErrors.NODE_LINK_PROTOCOL('"hello" is expected after "welcome"');
    state = 'live';
    cancelGreeting();
    outlet.attach(nodeId, line);
    log.info({}, 'a node is linked');
    await calls.nodeConnected(nodeId, message.facts, message.liveAttempts, message.draining);
  }

  async function serve(message: FromNode): Promise<void> {
    switch (message.type) {
      case 'pulse':
        return await calls.nodePulse(nodeId, message);
      case 'report':
        await calls.nodeReport(nodeId, message.report);
        if (message.report.kind === 'attempt-ended') await attemptLogs.end(message.report.attemptId);
        return send({ type: 'accepted', seq: message.seq });
      case 'log':
        await writeLog(message);
        return;
      case 'refused':
        return await calls.nodeRefused(nodeId, message.attemptId, message.code, message.reason);
      case 'draining':
        return await calls.nodeDraining(nodeId);
      default:
        throw serverErrors.NODE_LINK_PROTOCOL(`"${message.type}" is not expected now`);
    }
  }

  /** Log text may be lost (a full disk must not stop rendering). */
  async function writeLog(message: Extract<FromNode, { type: 'log' }>): Promise<void> {
    try {
      await attemptLogs.write(nodeId, message.attemptId, message.offset, message.text);
    } catch (thrown) {
      log.warn({ attempt: message.attemptId, err: coerceError(thrown) }, 'log text could not be written');
    }
  }

  function refuseUnreadable({ seq, attemptId, cause }: UnreadableReport): void {
    if (state !== 'live') throw serverErrors.NODE_LINK_PROTOCOL('a report is not expected now', { cause });
    log.error({ seq, attempt: attemptId, err: cause }, 'a report of a node has no form that the farm knows');
    if (attemptId !== null) send({ type: 'cancel', attemptId, reason: 'stale' });
    send({ type: 'accepted', seq });
  }

  async function take(text: string): Promise<void> {
    if (state === 'ended') return;
    const message = nodeMessage(text);
    if (message.type === 'unreadable-report') return refuseUnreadable(message);
    if (state === 'unproven') await prove(message);
    else if (state === 'greeting') await greet(message);
    else await serve(message);
  }

  function failed(thrown: unknown): void {
    const error = coerceError(thrown);
    const isTheirs = error instanceof CroftError && error.status < 500;
    if (isTheirs) log.warn({ err: error }, 'the link of a node ends');
    else log.error({ err: error }, 'the farm could not take a message of a node');
    const code = isTheirs ? (state === 'unproven' ? CLOSE.unproven : CLOSE.protocol) : CLOSE.farmFailed;
    state = state === 'live' ? 'live' : 'ended';
    if (error instanceof CroftError) refuse(error, code);
    else socket.close(code, 'INTERNAL');
  }

  socket.on('message', (data, isBinary) => {
    if (state === 'ended') return;
    const bytes = data as Buffer;
    if (isBinary || (state === 'unproven' && bytes.length > LARGEST_GREETING_BYTES)) {
      return failed(serverErrors.NODE_LINK_PROTOCOL('only text messages of modest size are taken'));
    }
    if (++waiting >= MOST_WAITING) socket.pause();
    const text = bytes.toString('utf8');
    work = work
      .then(() => (broken ? undefined : take(text)))
      .catch((thrown) => {
        // What follows a failed report must not overtake it: the node repeats all of it on its next link.
        broken = true;
        failed(thrown);
      })
      .finally(() => {
        if (--waiting < MOST_WAITING / 2 && socket.isPaused) socket.resume();
      });
  });
  let broken = false;

  socket.on('pong', () => {
    answered = true;
  });
  let cancelPing = clock.after(PING_MS, ping);
  function ping() {
    if (!answered) {
      log.warn({}, 'a node does not answer; its link is cut');
      return socket.terminate();
    }
    // A paused socket cannot hear the answer: only one that is read may be judged.
    answered = socket.isPaused;
    socket.ping();
    cancelPing = clock.after(PING_MS, ping);
  }
  const cancelGreeting = clock.after(GREETING_MS, () => {
    failed(serverErrors.NODE_LINK_PROTOCOL('the node did not introduce itself in time'));
    socket.terminate();
  });

  socket.on('error', (error) => log.debug({ err: error }, 'the socket of a node failed'));
  socket.on('close', () => {
    cancelGreeting();
    cancelPing();
    broken = true;
    // Behind the message that may be running now, so that the farm sees "connected" before "disconnected".
    work = work.then(async () => {
      state = 'ended';
      if (nodeId === '' || !outlet.detach(nodeId, line)) return;
      log.info({}, 'a node is no longer linked');
      await calls.nodeDisconnected(nodeId);
    });
    work.catch((thrown) =>
      log.error({ err: coerceError(thrown) }, 'the farm could not note that a node left'),
    );
  });

  send({ type: 'challenge', nonce });
}

/** Whether `signature` (base64) is by the raw Ed25519 key (base64) over the proof text of the nonce. */
function isProof(publicKey: string, nonce: string, signature: string): boolean {
  const raw = Buffer.from(publicKey, 'base64');
  if (raw.length !== 32) return false;
  const key = createPublicKey({ key: Buffer.concat([ED25519_DER_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(linkProofText(nonce), 'utf8'), key, Buffer.from(signature, 'base64'));
}
