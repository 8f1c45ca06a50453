/** What happens to a claimed frame: decode, thumbnail, send. The bytes are at the farm when it returns. */
import { join } from 'node:path';
import {
  type Clock,
  CroftError,
  coerceError,
  type Log,
  type OrderedFrame,
  type ResultFacts,
  SECOND,
} from '@croft/contract';
import { nodeErrors } from '../errors.ts';
import { Backoff } from '../link/backoff.ts';
import type { PictureChecker, PictureFacts } from '../pictures/picture-checker.ts';
import type { AttemptTransfer, SentFile } from '../ports.ts';
import type { ClaimedOutput } from './claim-outputs.ts';

export interface DeliveryParts {
  readonly pictures: PictureChecker;
  readonly clock: Clock;
  readonly log: Log;
}

const THUMBNAILS = '/.thumbnails';
/** An outage of the farm is waited out; a transfer that answers otherwise this often has a reason. */
const MOST_REFUSALS = 5;

/** Facts of everything the frame made. Throws NODE_OUTPUT_DAMAGED, NODE_TOKEN_REFUSED, NODE_STOPPED. */
export async function deliverFrame(
  parts: DeliveryParts,
  bytes: Pick<AttemptTransfer, 'sendOutputs'>,
  frame: OrderedFrame,
  claimed: readonly ClaimedOutput[],
  spool: string,
  signal: AbortSignal,
): Promise<ResultFacts[]> {
  const checked: { claim: ClaimedOutput; picture: PictureFacts; thumbnail: string | null }[] = [];
  for (const [index, claim] of claimed.entries()) {
    const isPicture = claim.output.kind !== 'data';
    const wish = claim.output.kind === 'main' ? join(spool, `${index}.thumbnail.jpg`) : null;
    const picture = await parts.pictures.check(claim.file, wish, isPicture);
    checked.push({ claim, picture, thumbnail: picture.hasThumbnail ? wish : null });
  }
  const withThumbnail = checked.flatMap((one) =>
    one.thumbnail === null ? [] : { ...one, thumbnail: one.thumbnail },
  );
  const files = [
    ...checked.map(({ claim }) => ({ file: claim.file, path: claim.path })),
    ...withThumbnail.map(({ claim, thumbnail }) => ({ file: thumbnail, path: thumbnailPath(frame, claim) })),
  ];
  const sent = await sendPatiently(parts, bytes, files, signal);
  const at = (index: number): SentFile => {
    const found = sent[index];
    if (found === undefined) throw new Error('the transfer answered fewer files than it was given');
    return found;
  };
  const results = checked.map(({ claim, picture }, index): ResultFacts => {
    const { layer, camera, kind, frame: number } = claim.output;
    const { format, width, height } = picture;
    return {
      path: claim.path,
      ...namesOf(at(index)),
      frame: number,
      format,
      width,
      height,
      kind,
      layer,
      camera,
      of: null,
    };
  });
  const thumbnails = withThumbnail.map(({ claim }, index): ResultFacts => {
    const { layer, camera, frame: number } = claim.output;
    const path = thumbnailPath(frame, claim);
    const facts = {
      frame: number,
      format: 'jpeg',
      width: null,
      height: null,
      kind: 'thumbnail',
      layer,
      camera,
    } as const;
    return { path, ...namesOf(at(checked.length + index)), ...facts, of: claim.path };
  });
  return [...results, ...thumbnails];
}

/** Sends files, waiting out a farm that is away as long as the attempt is wanted. */
async function sendPatiently(
  { clock, log }: DeliveryParts,
  bytes: Pick<AttemptTransfer, 'sendOutputs'>,
  files: readonly { file: string; path: string }[],
  signal: AbortSignal,
): Promise<SentFile[]> {
  const backoff = new Backoff(SECOND / 2, 15 * SECOND);
  for (let refusals = 0; ; ) {
    try {
      return await bytes.sendOutputs(files, signal);
    } catch (thrown) {
      if (signal.aborted) throw nodeErrors.NODE_STOPPED('the attempt was stopped', { cause: thrown });
      const error = coerceError(thrown);
      if (!isOutage(error)) refusals += 1;
      if (isFinal(error) || refusals >= MOST_REFUSALS) throw error;
      log.debug({ err: error.message }, 'outputs could not be sent; trying again');
      await pause(clock, backoff.nextMs(), signal);
    }
  }
}

function isOutage(error: Error): boolean {
  return error instanceof CroftError ? error.status === 503 || error.status === 502 : true;
}

function isFinal(error: Error): boolean {
  return (
    error instanceof CroftError && (error.status === 401 || error.status === 403 || error.status === 400)
  );
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal.addEventListener('abort', end);
  });
}

/** Below a folder of its own, and of the frame: an app may write `x.png` for one frame and `x.png.jpg` for another. */
function thumbnailPath(frame: OrderedFrame, claim: ClaimedOutput): string {
  return `${THUMBNAILS}/${frame.frameId}${claim.path}.jpg`;
}

function namesOf(sent: SentFile): Pick<ResultFacts, 'id' | 'size' | 'mtimeMs'> {
  return { id: sent.id, size: sent.size, mtimeMs: sent.mtimeMs };
}
