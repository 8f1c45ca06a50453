/**
 * The node's end of the link (`wire-node.ts` in contract). States:
 *
 *   away ── dial ──▶ dialling ── challenge/prove ──▶ proving ── welcome/hello ──▶ linked
 *     ◀──────────────── socket closed, error frame, silence ────────────────────────┘
 *
 * Away, it dials again after a growing, jittered wait, for ever: a farm may be away for a weekend. Linked, reports
 * flow from the outbox in order, from the first unaccepted one after each new link; pulses and log text go directly
 * and are lost when not linked. A socket that takes no bytes, leaves a report unanswered, or stays silent although
 * the farm used to ping, is given up: a vanished peer closes nothing. A farm that is away is normal and told at level debug; a
 * certificate that is not trusted needs somebody, and is told as an error once until the node is linked again.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type Clock,
  coerceError,
  type FromNode,
  type Log,
  MiB,
  type NodeReport,
  SECOND,
  type ToNode,
  toNodeSchema,
} from '@croft/contract';
import { type Identity, urlBelow } from '../home/identity.ts';
import { Backoff } from './backoff.ts';
import { DialWatch } from './dial-watch.ts';
import { orderedAttempt, parsed } from './heard-text.ts';
import type { Outbox } from './outbox.ts';

export interface LinkOwner {
  /** The first message on a new link. */
  hello(): Extract<FromNode, { type: 'hello' }>;
  pulse(): Extract<FromNode, { type: 'pulse' }>;
  /** run, cancel and drain; the rest is the link's own. */
  heard(message: Extract<ToNode, { type: 'run' | 'cancel' | 'drain' }>): void;
  linked(): void;
}

const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 15 * SECOND;
const HANDSHAKE_TIMEOUT_MS = 15 * SECOND;
const UNANSWERED_TIMEOUT_MS = 60 * SECOND;
const LEAST_SILENCE_MS = 30 * SECOND;
const MOST_BUFFERED_BYTES = 4 * MiB;
const REPORTS_A_TURN = 64;
const PROGRESS_PULSE_MS = 500;
const DEFAULT_PULSE_MS = 5 * SECOND;

export class Link {
  readonly #identity: Identity;
  readonly #outbox: Outbox;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backoff = new Backoff(FIRST_WAIT_MS, MOST_WAIT_MS);
  readonly #emptied = new Set<() => void>();
  #socket: WebSocket | null = null;
  #state: 'away' | 'dialling' | 'proving' | 'linked' | 'closed' = 'away';
  #pulseMs = DEFAULT_PULSE_MS;
  #sentSeq = 0;
  #unansweredSince: number | null = null;
  #heardAt = 0;
  #pinged = false;
  #lastPulseAt = 0;
  readonly #dials: DialWatch;
  #toldWhy: string | null = null;
  #cancelWait: () => void = () => {};
  #cancelPulse: () => void = () => {};
  #cancelEarlyPulse: (() => void) | null = null;
  readonly #onPing = (message: unknown) => {
    if ((message as { websocket?: unknown }).websocket !== this.#socket) return;
    this.#pinged = true;
    this.#heardAt = this.#clock.now();
  };

  constructor(parts: { identity: Identity; outbox: Outbox; owner: LinkOwner; clock: Clock; log: Log }) {
    this.#identity = parts.identity;
    this.#outbox = parts.outbox;
    this.#owner = parts.owner;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#dials = new DialWatch(urlBelow(parts.identity.server, '/'));
  }

  start(): void {
    subscribe('undici:websocket:ping', this.#onPing);
    this.#dials.start();
    this.#dial();
  }

  get isLinked(): boolean {
    return this.#state === 'linked';
  }

  /** Keeps the report, then sends it when its turn comes. Returns after it is on disk. */
  report(report: NodeReport): void {
    this.#outbox.append(report);
    this.#pump();
  }

  /** Sends a message that may be lost; false when it was. */
  tell(message: Extract<FromNode, { type: 'log' | 'refused' | 'draining' }>): boolean {
    if (!this.isLinked || this.#isClogged()) return false;
    this.#send(message);
    return true;
  }

  /** Sends a pulse soon: progress changed. */
  pulseSoon(): void {
    if (this.#cancelEarlyPulse !== null || !this.isLinked) return;
    const wait = Math.max(0, this.#lastPulseAt + PROGRESS_PULSE_MS - this.#clock.now());
    this.#cancelEarlyPulse = this.#clock.after(wait, () => {
      this.#cancelEarlyPulse = null;
      if (this.isLinked) this.#pulse();
    });
  }

  /** Resolves when the farm has accepted every report. */
  emptied(): Promise<void> {
    if (this.#outbox.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.add(resolve));
  }

  close(): void {
    this.#state = 'closed';
    unsubscribe('undici:websocket:ping', this.#onPing);
    this.#dials.stop();
    this.#cancelWait();
    this.#stopPulses();
    this.#socket?.close(1000, 'the node stops');
    this.#socket = null;
  }

  #dial(): void {
    this.#state = 'dialling';
    const url = urlBelow(this.#identity.server, '/node/v1/link');
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#cancelWait = this.#clock.after(HANDSHAKE_TIMEOUT_MS, () =>
      this.#lost(socket, 'no welcome in time'),
    );
    socket.addEventListener('message', (event) => this.#received(socket, event.data));
    socket.addEventListener('error', () => this.#lost(socket, 'the connection failed'));
    socket.addEventListener('close', (event) => this.#lost(socket, event.reason || 'the connection closed'));
  }

  #lost(socket: WebSocket, reason: string): void {
    if (this.#socket !== socket || this.#state === 'closed') return;
    const { why, hint } = this.#dials.take() ?? { why: reason, hint: null };
    const wasLinked = this.isLinked;
    this.#socket = null;
    this.#state = 'away';
    this.#cancelWait();
    this.#stopPulses();
    socket.close();
    const waitMs = this.#backoff.nextMs();
    const fields = { from: wasLinked ? 'linked' : 'dialling', to: 'away', why, waitMs: Math.round(waitMs) };
    if (wasLinked) this.#log.warn(fields, 'the link to the farm is lost');
    else if (hint !== null) this.#tellOnce(fields, hint);
    else this.#log.debug(fields, 'the farm does not answer');
    this.#cancelWait = this.#clock.after(waitMs, () => this.#dial());
  }

  #tellOnce(fields: { why: string }, hint: string): void {
    if (this.#toldWhy === fields.why) return;
    this.#toldWhy = fields.why;
    this.#log.error({ ...fields, hint }, `the node cannot link: ${fields.why}. ${hint}`);
  }

  #received(socket: WebSocket, data: unknown): void {
    if (this.#socket !== socket) return;
    this.#heardAt = this.#clock.now();
    const message = toNodeSchema.safeParse(parsed(data));
    if (!message.success) {
      this.#log.warn(
        { err: message.error.message.slice(0, 500) },
        'the farm sent what this node does not understand',
      );
      this.#refuseUnreadable(data);
      return;
    }
    this.#understood(socket, message.data);
  }

  /** An order that cannot be read is given back, or it would hold its slot for as long as the link stands. */
  #refuseUnreadable(data: unknown): void {
    const attemptId = orderedAttempt(parsed(data));
    if (attemptId === null) return;
    const reason = 'this node does not understand the order';
    this.#send({ type: 'refused', attemptId, code: 'NODE_ORDER_UNREADABLE', reason });
  }

  #understood(socket: WebSocket, message: ToNode): void {
    switch (message.type) {
      case 'challenge':
        if (this.#state !== 'dialling') return;
        this.#state = 'proving';
        this.#send({
          type: 'prove',
          nodeId: this.#identity.nodeId,
          signature: this.#identity.prove(message.nonce),
        });
        return;
      case 'welcome':
        if (this.#state === 'proving') this.#welcomed(message.pulseMs);
        return;
      case 'error':
        this.#log.error({ code: message.error.code }, `the farm refuses the link: ${message.error.message}`);
        this.#lost(socket, message.error.code);
        return;
      case 'accepted':
        this.#accepted(message.seq);
        return;
      default:
        if (this.isLinked) this.#owner.heard(message);
    }
  }

  #welcomed(pulseMs: number): void {
    this.#cancelWait();
    this.#backoff.reset();
    this.#toldWhy = null;
    this.#state = 'linked';
    this.#pulseMs = pulseMs;
    this.#sentSeq = 0;
    this.#unansweredSince = null;
    this.#pinged = false;
    this.#send(this.#owner.hello());
    this.#log.info({ node: this.#identity.nodeId, from: 'proving', to: 'linked' }, 'linked to the farm');
    this.#pump();
    this.#pulse();
    this.#schedulePulse();
    this.#owner.linked();
  }

  #accepted(seq: number): void {
    this.#outbox.accepted(seq);
    this.#unansweredSince = seq >= this.#sentSeq ? null : this.#clock.now();
    this.#pump();
    if (this.#emptied.size === 0 || !this.#outbox.isEmpty) return;
    for (const resolve of this.#emptied) resolve();
    this.#emptied.clear();
  }

  /** Sends kept reports until the socket has enough to do; `accepted` and pulses turn the pump again. */
  #pump(): void {
    while (this.isLinked && !this.#isClogged()) {
      const entries = this.#outbox.after(this.#sentSeq, REPORTS_A_TURN);
      for (const { seq, report } of entries) {
        this.#send({ type: 'report', seq, report });
        this.#sentSeq = seq;
        this.#unansweredSince ??= this.#clock.now();
      }
      if (entries.length < REPORTS_A_TURN) return;
    }
  }

  #schedulePulse(): void {
    this.#cancelPulse = this.#clock.after(this.#pulseMs, () => {
      const silence = this.#silence();
      if (silence !== null && this.#socket !== null) return this.#lost(this.#socket, silence);
      this.#pulse();
      this.#pump();
      this.#schedulePulse();
    });
  }

  #silence(): string | null {
    const now = this.#clock.now();
    if (this.#unansweredSince !== null && now - this.#unansweredSince > UNANSWERED_TIMEOUT_MS) {
      return 'a report stays unanswered';
    }
    const patience = Math.max(LEAST_SILENCE_MS, 4 * this.#pulseMs);
    return this.#pinged && now - this.#heardAt > patience ? 'the farm has gone silent' : null;
  }

  #pulse(): void {
    if (this.#isClogged()) return;
    this.#lastPulseAt = this.#clock.now();
    this.#send(this.#owner.pulse());
  }

  #stopPulses(): void {
    this.#cancelPulse();
    this.#cancelEarlyPulse?.();
    this.#cancelEarlyPulse = null;
  }

  #isClogged(): boolean {
    return (this.#socket?.bufferedAmount ?? 0) > MOST_BUFFERED_BYTES;
  }

  #send(message: FromNode): void {
    try {
      this.#socket?.send(JSON.stringify(message));
    } catch (thrown) {
      this.#log.debug({ err: coerceError(thrown).message }, 'a message could not be sent');
    }
  }
}
