/**
 * The node between its link and its slots: takes orders, keeps them in a short queue, gives each free slot the next
 * one (an order that fits the slot's open session first), and hears cancels and drains.
 */
import type { AttemptOrder, Clock, FromNode, Log, NodeFacts, NodeReport, ToNode } from '@croft/contract';
import { Attempt } from './attempt/attempt.ts';
import { AttemptLog } from './attempt/attempt-log.ts';
import type { AttemptParts } from './attempt/attempt-parts.ts';
import { SessionSlot } from './attempt/session-slot.ts';
import type { NodeHome } from './home/home-layout.ts';
import type { Link } from './link/link.ts';
import type { Outbox } from './link/outbox.ts';
import { type InstalledApp, installationFor } from './machine/installed-apps.ts';
import { CpuMeter, isMemoryScarce, memoryFreeBytes } from './machine/machine-facts.ts';

export interface RenderNodeParts {
  readonly home: NodeHome;
  readonly facts: NodeFacts;
  readonly installed: readonly InstalledApp[];
  readonly attempts: Pick<AttemptParts, 'folders' | 'pictures' | 'transfer'>;
  readonly memoryLimitBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Outbox;
  /** Latest measure of the disk; asking takes a moment, a pulse must not. */
  diskFreeBytes(): number;
}

/** Orders that wait for a slot, per slot: one to go on with, and some slack for orders crossing on the wire. */
const WAITING_A_SLOT = 4;
const REFUSALS = {
  NODE_DRAINING: 'The node is about to leave.',
  NODE_APP_MISSING: 'The node does not have the app in a version that fits.',
  NODE_BUSY: 'The node has enough orders waiting.',
} as const;

export class RenderNode {
  readonly #parts: RenderNodeParts;
  readonly #slots: { slot: SessionSlot; attempt: Attempt | null }[];
  readonly #waiting: Attempt[] = [];
  readonly #held = new Map<number, Attempt>();
  readonly #cpu = new CpuMeter();
  readonly #empty: (() => void)[] = [];
  #link: Link | null = null;
  #isDraining = false;

  constructor(parts: RenderNodeParts) {
    this.#parts = parts;
    const { facts, home, clock, log } = parts;
    const threads = facts.slots === 1 ? 0 : Math.max(1, Math.floor(facts.cpuThreads / facts.slots));
    const memoryLimitBytes = Math.floor(parts.memoryLimitBytes / facts.slots);
    this.#slots = Array.from({ length: facts.slots }, () => ({
      slot: new SessionSlot({ home, clock, log, threads, memoryLimitBytes }),
      attempt: null,
    }));
  }

  /** The link is made after the node it speaks for. */
  speakThrough(link: Link): void {
    this.#link = link;
  }

  hello(): Extract<FromNode, { type: 'hello' }> {
    const facts = { ...this.#parts.facts, diskFreeBytes: this.#parts.diskFreeBytes() };
    const liveAttempts = [...new Set([...this.#held.keys(), ...this.#parts.outbox.attempts()])];
    return { type: 'hello', facts, liveAttempts, draining: this.#isDraining };
  }

  pulse(): Extract<FromNode, { type: 'pulse' }> {
    return {
      type: 'pulse',
      cpuPercent: this.#cpu.percent(),
      memoryFreeBytes: memoryFreeBytes(),
      diskFreeBytes: this.#parts.diskFreeBytes(),
      running: this.#slots.flatMap(({ attempt }) => attempt?.running ?? []),
    };
  }

  linked(): void {
    for (const attempt of this.#held.values()) attempt.text.relinked();
  }

  heard(message: Extract<ToNode, { type: 'run' | 'cancel' }>): void {
    if (message.type === 'run') this.#take(message.order);
    else this.#cancel(message);
  }

  #cancel(message: Extract<ToNode, { type: 'cancel' }>): void {
    const attempt = this.#held.get(message.attemptId);
    if (attempt === undefined) return;
    if (message.frameIds !== undefined) {
      attempt.skip(message.frameIds);
      return;
    }
    attempt.cancel(`The attempt was cancelled: ${message.reason}.`, message.reason === 'stale');
    this.#dropIfWaiting(attempt);
  }

  /** Takes no more orders, gives back waiting ones, ends running ones after their frame. Resolves when none is left. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#link?.tell({ type: 'draining' });
    for (const attempt of [...this.#held.values()]) {
      attempt.leaveAfterFrame('The node leaves.');
      this.#dropIfWaiting(attempt);
    }
    if (this.#held.size > 0) await new Promise<void>((resolve) => this.#empty.push(resolve));
    await this.#closeSlots();
  }

  /** Stops everything now. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const attempt of [...this.#held.values()]) {
      attempt.cancel('The node was stopped.', false);
      this.#dropIfWaiting(attempt);
    }
    if (this.#held.size > 0) await new Promise<void>((resolve) => this.#empty.push(resolve));
    await this.#closeSlots();
  }

  #take(order: AttemptOrder): void {
    if (this.#held.has(order.attemptId)) return;
    const found = installationFor(this.#parts.installed, order.app, order.appVersion);
    const refusal = this.#refusalOf(found);
    if (refusal !== null || found === null) {
      const code = refusal ?? 'NODE_APP_MISSING';
      this.#link?.tell({ type: 'refused', attemptId: order.attemptId, code, reason: REFUSALS[code] });
      return;
    }
    const attempt = this.#attemptFor(order, found);
    this.#held.set(order.attemptId, attempt);
    this.#waiting.push(attempt);
    this.#fillSlots();
  }

  #refusalOf(found: InstalledApp | null): keyof typeof REFUSALS | null {
    if (this.#isDraining) return 'NODE_DRAINING';
    if (found === null) return 'NODE_APP_MISSING';
    return this.#waiting.length < WAITING_A_SLOT * this.#slots.length ? null : 'NODE_BUSY';
  }

  #attemptFor(order: AttemptOrder, found: InstalledApp): Attempt {
    const { home, clock, log, attempts } = this.#parts;
    const tell = (message: Extract<FromNode, { type: 'log' }>) => this.#link?.tell(message) ?? false;
    return new Attempt(order, {
      ...attempts,
      ...found,
      home,
      clock,
      log,
      text: new AttemptLog(home.logs, order.attemptId, tell, clock),
      report: (report: NodeReport) => this.#link?.report(report),
      progressed: () => this.#link?.pulseSoon(),
    });
  }

  #fillSlots(): void {
    for (const place of this.#slots) {
      if (place.attempt !== null || this.#waiting.length === 0) continue;
      const [attempt] = this.#waiting.splice(this.#bestFor(place.slot), 1);
      if (attempt === undefined) return;
      place.attempt = attempt;
      void this.#renderIn(place, attempt);
    }
  }

  #bestFor(slot: SessionSlot): number {
    const open = slot.openInputs;
    const fitting = this.#waiting.findIndex(({ order }) => `${order.app} ${order.inputsKey}` === open);
    return Math.max(0, fitting);
  }

  async #renderIn(place: { slot: SessionSlot; attempt: Attempt | null }, attempt: Attempt): Promise<void> {
    await this.#makeMemoryRoom(place.slot);
    await attempt.render(place.slot);
    place.attempt = null;
    void this.#finish(attempt);
    this.#fillSlots();
  }

  async #finish(attempt: Attempt): Promise<void> {
    await attempt.delivered();
    this.#held.delete(attempt.order.attemptId);
    if (this.#held.size === 0) for (const resolve of this.#empty.splice(0)) resolve();
  }

  #dropIfWaiting(attempt: Attempt): void {
    const at = this.#waiting.indexOf(attempt);
    if (at === -1) return;
    this.#waiting.splice(at, 1);
    void attempt.giveBack().then(() => this.#finish(attempt));
  }

  /** Sessions that only wait for their next attempt give way to one that starts while memory is scarce. */
  async #makeMemoryRoom(mine: SessionSlot): Promise<void> {
    if (!isMemoryScarce()) return;
    for (const { slot } of this.#slots) if (slot !== mine && slot.isResting) await slot.close();
  }

  async #closeSlots(): Promise<void> {
    await Promise.all(this.#slots.map(({ slot }) => slot.close()));
  }
}
