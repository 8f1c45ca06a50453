/**
 * Bodies of many megabytes (taskJsonFile) without holding up the door: who knows an access id, which is no secret, could
 * else stop it for a third of a second with each request, before the signature is looked at. Such bodies are read and
 * proven in a thread of their own, which starts with the first of them, and only so many bytes of them are under way.
 */
import { Worker } from 'node:worker_threads';
import { CroftError, KiB, MiB } from '@croft/contract';
import { serverErrors } from '../errors.ts';
import { type Proof, prove, type ToProve } from './prove.ts';
import type { ProveAnswer, ProveQuestion } from './prove-thread.ts';

/** Shorter ones take some milliseconds at most. */
export const LONG_BODY_BYTES = 256 * KiB;
/** Of all long bodies that are received or read at one time. */
const MOST_BYTES_UNDER_WAY = 192 * MiB;
/** Of those of one key from one address: who knows an access id must not take the room of everybody. */
const MOST_BYTES_OF_ONE = 64 * MiB;
/** What the thread may use, so that a body that unfolds beyond measure ends the thread and not the farm. */
const THREAD_MEMORY_MB = 768;

export interface LongBodies {
  /**
   * Room for a body before it is received; TOO_MANY_CALLS where there is none, in all or for that sender. Returns what gives
   * the room back.
   */
  admit(sender: string, bytes: number): () => void;
  prove(question: ToProve): Promise<Proof>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(proof: Proof): void;
  reject(error: Error): void;
}

export function createLongBodies(): LongBodies {
  let bytesUnderWay = 0;
  /** Only senders with something under way. */
  const bytesOf = new Map<string, number>();
  let thread: Worker | null = null;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function fail(error: Error): void {
    thread = null;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function start(): Worker {
    const worker = new Worker(new URL('./prove-thread.ts', import.meta.url), {
      name: 'long-bodies',
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
    });
    worker.on('message', (answer: ProveAnswer) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) worker.unref();
      if ('proof' in answer) asker?.resolve(answer.proof);
      else asker?.reject('error' in answer ? CroftError.from(answer.error) : new Error(answer.bug));
    });
    worker.on('error', fail);
    worker.on('exit', () => {
      if (thread === worker) fail(new Error('the thread for long bodies has ended'));
    });
    return worker;
  }

  return {
    admit(sender, bytes) {
      if (bytes <= LONG_BODY_BYTES) return () => {};
      const ofSender = (bytesOf.get(sender) ?? 0) + bytes;
      if (ofSender > MOST_BYTES_OF_ONE || bytesUnderWay + bytes > MOST_BYTES_UNDER_WAY)
        throw serverErrors.TOO_MANY_CALLS('too many long requests are under way');
      bytesUnderWay += bytes;
      bytesOf.set(sender, ofSender);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        bytesUnderWay -= bytes;
        const left = bytesOf.get(sender)! - bytes;
        if (left > 0) bytesOf.set(sender, left);
        else bytesOf.delete(sender);
      };
    },
    async prove(question) {
      if (question.bytes.length <= LONG_BODY_BYTES) return prove(question);
      thread ??= start();
      const worker = thread;
      worker.ref();
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        // A copy that owns its memory: it moves to the thread, and copying 24 MiB takes a few milliseconds.
        const { hosts, path, secrets } = question;
        const bytes = new Uint8Array(question.bytes);
        const message: ProveQuestion = { id, bytes, headers: { ...question.headers }, hosts, path, secrets };
        worker.postMessage(message, [bytes.buffer]);
      });
    },
    async close() {
      const worker = thread;
      fail(new Error('the server is closing'));
      await worker?.terminate();
    },
  };
}
