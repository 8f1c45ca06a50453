/** The six questions of the documented FAQ, answered as small functions. */
import {
  Downloader,
  type DownloadTotals,
  type FarmSession,
  type RenderOutcome,
  renderScene,
  updateTaskInfo,
  watchTask,
} from '@croft/sdk';

/** Frame status: rendered. */
const FRAME_DONE = 4;

/** 1. Which versions does it run on? The newest long-term version of Node; the Python SDK of any age works too. */
export function isSupported(nodeVersion: string = process.versions.node): boolean {
  return Number.parseInt(nodeVersion, 10) >= 24;
}

/** 2. How to get it? It is in the checkout: this is how a script imports it. */
export async function importSdk(): Promise<typeof import('@croft/sdk')> {
  return import('@croft/sdk');
}

/** 3. How to get only the first frame? Render it first (`pre_frames`: first, middle, last) and wait after it. */
export async function onlyTheFirstFrame(taskJson: string): Promise<void> {
  await updateTaskInfo({ pre_frames: '100', stop_after_test: '1' }, taskJson);
}

/** 4. How to go on at full speed by itself after the first frames? "2"; "1" waits for `api.task.fullSpeed`. */
export async function goOnAfterTheFirstFrames(taskJson: string): Promise<void> {
  await updateTaskInfo({ stop_after_test: '2' }, taskJson);
}

/** 5. How to download each frame as soon as it is rendered? Fetch at each that is done; the last fetch finds the rest. */
export async function downloadAsRendered(
  session: FarmSession,
  taskId: number,
  folder: string,
): Promise<DownloadTotals> {
  const downloader = new Downloader(session.native, session.mover, taskId, folder);
  for await (const news of watchTask(session.native, taskId, { clock: session.clock }))
    if (news.kind === 'frame' && news.status === FRAME_DONE) await downloader.fetchNew();
  await downloader.fetchNew();
  return downloader.totals;
}

/** 6. What is the easiest way? One call from the scene to the frames. */
export function easiest(session: FarmSession, scene: string, outputFolder: string): Promise<RenderOutcome> {
  return renderScene(session, scene, { outputFolder });
}
