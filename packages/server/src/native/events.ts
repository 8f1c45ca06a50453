/**
 * GET /events: server-sent events. Each event is one FarmEvent as JSON; what is missed while away is told by reads, so
 * there is no replay. A reader that falls `MOST_WAITING_BYTES` behind is cut off: it connects again and reads afresh.
 */
import { type Clock, KiB, SECOND } from '@croft/contract';
import type { NativeCaller } from './authenticate.ts';
import type { NativeContext } from './route.ts';

const HEARTBEAT_MS = 15 * SECOND;
const MOST_WAITING_BYTES = 512 * KiB;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2 * SECOND;

export async function sendEvents(
  context: NativeContext<unknown, unknown, unknown> & { readonly caller: NativeCaller },
) {
  const { caller, parts, reply } = context;
  // Asked before the answer begins: whoever sees it begin misses nothing from then on.
  let shown = new Set(await parts.reads.accountsShown(caller.accountId));
  reply.hijack();
  const stream = reply.raw;
  stream.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  stream.write(`retry: ${RETRY_MS}\n\n`);

  const send = (text: string) => {
    if (stream.writableLength > MOST_WAITING_BYTES) stream.destroy();
    else stream.write(text);
  };
  const stopListening = parts.outlet.subscribe((json, accountId) => {
    if (accountId === null || shown.has(accountId)) send(`data: ${json}\n\n`);
  });
  const stopBeating = every(parts.clock, HEARTBEAT_MS, async () => {
    // A session that was ended elsewhere, or a key that was disabled, must not go on listening.
    if (await caller.stillHolds()) {
      shown = new Set(await parts.reads.accountsShown(caller.accountId));
      send(': still here\n\n');
    } else stream.end();
  });
  const end = () => stream.end();
  parts.closing.addEventListener('abort', end, { once: true });
  stream.once('close', () => {
    parts.closing.removeEventListener('abort', end);
    stopListening();
    stopBeating();
  });
  return reply;
}

/** Repeats `action` with a pause between; an error ends the repetition, as the farm is going away then. */
function every(clock: Clock, pauseMs: number, action: () => Promise<void>): () => void {
  let stopped = false;
  let cancel = clock.after(pauseMs, beat);
  function beat() {
    action().then(
      () => {
        if (!stopped) cancel = clock.after(pauseMs, beat);
      },
      () => {},
    );
  }
  return () => {
    stopped = true;
    cancel();
  };
}
