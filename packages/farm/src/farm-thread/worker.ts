/** Entry of the farm thread: the core on the home's files, its calls by message. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Log, systemClock } from '@croft/contract';
import type { SmallBlobs } from '../ports.ts';
import { answerOf, type FromThread, type StartData, sendError, type ToThread } from './messages.ts';
import { openCore } from './open-core.ts';
import { Pending } from './pending.ts';

if (!parentPort) throw new Error('this file is the entry of the farm thread');
const port = parentPort;
const { home, nodeGraceMs } = workerData as StartData;
const asked = new Pending();

function send(message: FromThread): void {
  port.postMessage(message);
}

const blobs: SmallBlobs = {
  read: (...args) => askOwner('read', args) as ReturnType<SmallBlobs['read']>,
  store: (...args) => askOwner('store', args) as ReturnType<SmallBlobs['store']>,
};

function askOwner(method: keyof SmallBlobs, args: readonly unknown[]): Promise<unknown> {
  return asked.ask((id) => send({ type: 'blobs', id, method, args }));
}

function sentLog(bound: object): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    send({ type: 'log', level, fields: cloneable({ ...bound, ...fields }), message });
  };
  const child = (fields: object) => sentLog({ ...bound, ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child };
}

/** Errors lose their code when they are cloned to another thread; their text does not. */
function cloneable(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? sendError(value) : value]),
  );
}

try {
  const core = await openCore({
    home,
    nodeGraceMs,
    blobs,
    apps: async () => (await import('@croft/dcc')).loadApps(),
    clock: systemClock,
    log: sentLog({}),
    outlet: {
      event: (event, accountId) => send({ type: 'event', event, accountId }),
      toNode: (nodeId, message) => send({ type: 'to-node', nodeId, message }),
    },
  });
  port.on('message', (message: ToThread) => {
    if (message.type === 'blobs-answer') asked.answer(message.id, message.answer);
    else if (message.type === 'close') void core.close().finally(leave);
    else {
      const { id, method, args } = message;
      const call = core.calls[method] as (...args: readonly unknown[]) => Promise<unknown>;
      void answerOf(() => call(...args)).then((answer) => send({ type: 'answer', id, answer }));
    }
  });
  send({ type: 'ready' });
} catch (thrown) {
  send({ type: 'failed', error: sendError(thrown) });
  port.close();
}

function leave(): void {
  send({ type: 'closed' });
  port.close();
}
