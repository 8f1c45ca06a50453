export { type AnalyseSceneOptions, analyseScene, type SceneAnalysis } from './analyse-scene.ts';
export { type CheckedTask, type CheckOptions, checkTask, compareVersions } from './check-task.ts';
export type { FarmConnection } from './connection.ts';
export {
  Downloader,
  type DownloadOptions,
  type DownloadTotals,
  downloadResults,
} from './download-results.ts';
export { sdkErrors } from './errors.ts';
export * from './events.ts';
export { type FarmSession, farmSession } from './farm-session.ts';
export { type FoundFrame, frameAgain, frameWithLog, isFrameAtRest } from './frame-logs.ts';
export type { Fetch } from './http.ts';
export * from './mover.ts';
export { NativeClient } from './native-client.ts';
export * from './operators/catalogue.ts';
export * from './operators/project.ts';
export * from './operators/query.ts';
export * from './operators/task.ts';
export * from './operators/user.ts';
export { movementMeter } from './rate.ts';
export {
  fetchTask,
  isComplete,
  type RenderOutcome,
  type RenderSceneOptions,
  renderScene,
} from './render-scene.ts';
export { operatorsOf, type RenderbusApi, renderbusApi } from './renderbus-api.ts';
export { type ClientOptions, RenderbusClient } from './renderbus-client.ts';
export { sleep } from './retry.ts';
export {
  TASK_FILE_NAMES,
  type TaskFiles,
  taskFileText,
  type WrittenTaskFiles,
  writeTaskFiles,
} from './task-files.ts';
export { type TransferMover, transferMover } from './transfer-mover.ts';
export { outgoingFiles, uploadTask } from './upload-task.ts';
export { isAtRest, type TaskNews, type WatchOptions, watchTask } from './watch-task.ts';
