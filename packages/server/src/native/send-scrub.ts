/** POST /scrub: the lines of a scrub as they come. Only one runs at a time; it ends with whoever asked for it. */
import { Readable } from 'node:stream';
import { CroftError, coerceError, type ScrubLine, type ScrubWish, SECOND } from '@croft/contract';
import { serverErrors } from '../errors.ts';
import type { DoorParts } from '../ports.ts';
import { scrub } from '../scrub.ts';
import type { NativeCaller } from './authenticate.ts';
import type { NativeContext } from './route.ts';

/** How often it is asked whether the caller's session or key still holds. */
const HOLDS_EVERY_MS = 15 * SECOND;
const running = new WeakSet<DoorParts>();

export async function sendScrub(
  context: NativeContext<unknown, unknown, ScrubWish> & { readonly caller: NativeCaller },
) {
  const { caller, parts, body, reply } = context;
  if (caller.role !== 'admin') throw serverErrors.SCRUB_NOT_ALLOWED('only administrators may scrub the farm');
  if (running.has(parts)) throw serverErrors.SCRUB_RUNNING('a scrub is running already');
  running.add(parts);
  const gone = new AbortController();
  reply.raw.once('close', () => {
    running.delete(parts);
    gone.abort(serverErrors.SCRUB_ENDED('nobody listens any more'));
  });
  const signal = AbortSignal.any([gone.signal, parts.closing]);
  const lines = scrub(
    {
      reads: parts.reads,
      unknownBlobs: (ids) => parts.calls.unknownBlobs(ids),
      bytes: parts.bytes,
      clock: parts.clock,
      log: parts.log,
    },
    { signal, ...body },
  );
  return reply
    .header('content-type', 'application/x-ndjson')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(texts(lines, caller, parts), { objectMode: false, highWaterMark: 1 }));
}

/** The status has long been sent when it goes wrong on the way: so a failure is a line, too. */
async function* texts(
  lines: AsyncIterable<ScrubLine>,
  caller: NativeCaller,
  { clock, closing }: DoorParts,
): AsyncGenerator<Buffer> {
  let askedAt = clock.now();
  try {
    for await (const line of lines) {
      if (clock.now() - askedAt >= HOLDS_EVERY_MS) {
        askedAt = clock.now();
        if (!(await caller.stillHolds()))
          throw serverErrors.SCRUB_ENDED('the session or key that began it does not hold any more');
      }
      yield textOf(line);
    }
  } catch (thrown) {
    const error = coerceError(thrown);
    const { code, message } = closing.aborted
      ? serverErrors.SCRUB_ENDED('the farm ends')
      : error instanceof CroftError
        ? error
        : { code: 'INTERNAL', message: 'the farm made a mistake; its log says more' };
    yield textOf({ kind: 'failed', code, message });
  }
}

function textOf(line: ScrubLine): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}
