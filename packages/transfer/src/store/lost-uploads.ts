/** Unfinished uploads whose sender never came back, so that they do not fill the disk for ever. */
import { type Clock, DAY, type Log } from '@croft/contract';

/** Uploads of which those can be dropped that nobody touched since `before` (ms since 1970); returns how many were. */
export interface DroppableUploads {
  dropUntouched(before: number): Promise<number>;
}

/** An upload that nobody touched for this long has lost its sender. */
const UPLOAD_LIFE_MS = 7 * DAY;

/** Drops them now and once a day, until the function returned is called. What cannot be dropped is tried again tomorrow. */
export async function dropLostUploads(
  uploads: DroppableUploads,
  clock: Clock,
  log: Log,
): Promise<() => void> {
  let cancel = () => {};
  let isOver = false;
  const drop = async () => {
    try {
      const dropped = await uploads.dropUntouched(clock.now() - UPLOAD_LIFE_MS);
      if (dropped > 0) log.info({ uploads: dropped }, 'dropped uploads that nobody went on with');
    } catch (err) {
      log.warn({ err }, 'unfinished uploads could not be dropped');
    }
    if (!isOver) cancel = clock.after(DAY, () => void drop());
  };
  await drop();
  return () => {
    isOver = true;
    cancel();
  };
}
