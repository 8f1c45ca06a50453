/**
 * Opens a farm on a home folder in a thread of its own, so that planning and commits never hold up the HTTP loop. Reads
 * run in the caller's thread, on a read-only connection. Nothing that the thread loads is loaded here.
 */
import { Worker } from 'node:worker_threads';
import { type Clock, coerceError, type Log, systemClock } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { Farm, FarmCalls } from '../farm-api.ts';
import type { PlanningApp, SmallBlobs } from '../ports.ts';
import { lazyReads } from '../reads/lazy-reads.ts';
import { answerOf, type FromThread, receiveError, type StartData, type ToThread } from './messages.ts';
import type { FarmOutlet } from './outlet.ts';
import { Pending } from './pending.ts';

export interface OpenFarmThread {
  readonly home: string;
  /** Stays in the caller's thread; the farm thread asks for bytes by message. */
  readonly blobs: SmallBlobs;
  /** For the reads' software catalogue; the thread loads the apps of @croft/dcc itself. */
  readonly apps: () => Promise<readonly PlanningApp[]>;
  readonly log: Log;
  readonly outlet: FarmOutlet;
  /** How long a node that is away keeps its frames; undefined: 30 seconds. */
  readonly nodeGraceMs?: number | undefined;
  /** The thread has ended although nobody closed the farm: no call will be answered any more. */
  readonly onFailure?: (error: Error) => void;
  /** Time of the reads; the thread always uses the system's. */
  readonly clock?: Clock;
}

/** A farm in its own thread. Throws what opening the core throws. */
export async function openFarm(options: OpenFarmThread): Promise<Farm> {
  const { home, log, nodeGraceMs } = options;
  const workerData: StartData = { home, nodeGraceMs };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData, name: 'farm' });
  const pending = new Pending();
  const send = (message: ToThread) => worker.postMessage(message);
  const ended = threadEnd(worker, pending, log);
  await started(worker, log);
  worker.on('message', (message: FromThread) => hear(message, options, pending, send));
  const reads = lazyReads(async () => {
    const { openReads } = await import('../reads/open-reads.ts');
    return openReads(home, options.clock ?? systemClock, options.apps);
  });
  let isClosing = false;
  void ended.then((error) => {
    if (!isClosing) options.onFailure?.(error);
  });
  return {
    calls: callsBy((method, args) => pending.ask((id) => send({ type: 'call', id, method, args }))),
    reads,
    async close() {
      isClosing = true;
      send({ type: 'close' });
      await ended;
      await reads.close();
    },
  };
}

/** Resolves when the farm is open; rejects with why it could not be. */
function started(worker: Worker, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(farmErrors.FARM_CLOSED('the farm thread ended before it was open'));
    const opening = (message: FromThread) => {
      // Until it is open the thread may log; and it may ask for nothing else.
      if (message.type === 'log') log[message.level](message.fields, message.message);
      if (message.type !== 'ready' && message.type !== 'failed') return;
      worker.off('message', opening);
      worker.off('error', reject);
      worker.off('exit', ended);
      if (message.type === 'failed') reject(receiveError(message.error));
      else resolve();
    };
    worker.on('message', opening);
    worker.once('error', reject);
    worker.once('exit', ended);
  });
}

/** Resolves with why when the thread has ended; what waits for an answer then fails. */
function threadEnd(worker: Worker, pending: Pending, log: Log): Promise<Error> {
  let reason: Error = farmErrors.FARM_CLOSED('the farm has stopped');
  worker.on('error', (err) => {
    reason = coerceError(err);
    log.error({ err }, 'the farm thread failed');
  });
  return new Promise((resolve) => {
    worker.once('exit', () => {
      pending.fail(farmErrors.FARM_CLOSED('the farm has stopped'));
      resolve(reason);
    });
  });
}

function hear(
  message: FromThread,
  { blobs, log, outlet }: OpenFarmThread,
  pending: Pending,
  send: (message: ToThread) => void,
): void {
  switch (message.type) {
    case 'answer':
      pending.answer(message.id, message.answer);
      return;
    case 'event':
      outlet.event(message.event, message.accountId);
      return;
    case 'to-node':
      outlet.toNode(message.nodeId, message.message);
      return;
    case 'log':
      log[message.level](message.fields, message.message);
      return;
    case 'blobs': {
      const { id, method, args } = message;
      const call = blobs[method] as (...args: readonly unknown[]) => Promise<unknown>;
      void answerOf(() => call(...args)).then((answer) => send({ type: 'blobs-answer', id, answer }));
      return;
    }
    default:
      return;
  }
}

/** The calls as methods that ask. The names are those of `FarmCalls`; a name that is none of them is a bug. */
function callsBy(ask: (method: keyof FarmCalls, args: readonly unknown[]) => Promise<unknown>): FarmCalls {
  return new Proxy({} as FarmCalls, {
    get: (_, method) => {
      // Promises look for `then` on whatever they resolve with.
      if (typeof method !== 'string' || method === 'then') return undefined;
      return (...args: unknown[]) => ask(method as keyof FarmCalls, args);
    },
  });
}
