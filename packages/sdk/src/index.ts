export { type AnalyseSceneOptions, analyseScene, type SceneAnalysis } from './analyse-scene.ts';
export { type CheckedTask, type CheckOptions, checkTask, compareVersions } from './check-task.ts';
export type { FarmConnection } from './connection.ts';
export {
  Downloader,
  type DownloadOptions,
  type DownloadTotals,
  downloadResults,
  type ExistingChoice,
} from './download-results.ts';
export { sdkErrors } from './errors.ts';
export * from './events.ts';
export { type FarmSession, farmSession } from './farm-session.ts';
export { type FilesToSend, filesToSend } from './files-to-send.ts';
export { type FoundFrame, frameAgain, frameWithLog, isFrameAtRest } from './frame-logs.ts';
export type { Fetch } from './http.ts';
export * from './mover.ts';
export { type AccountAct, type AccountsClient, nativeAccounts } from './native-accounts.ts';
export { type LogPart, NativeClient } from './native-client.ts';
export { type FilesClient, type FolderWish, nativeFiles } from './native-files.ts';
export { type MoneyClient, nativeMoney } from './native-money.ts';
export { nativeSignIn, type SignInClient } from './native-sign-in.ts';
export * from './native-tasks.ts';
export * from './operators/catalogue.ts';
export * from './operators/project.ts';
export * from './operators/query.ts';
export * from './operators/task.ts';
export * from './operators/user.ts';
export { movementMeter } from './rate.ts';
export {
  RAYSYNC_SERVICE_PATH,
  type RaysyncService,
  type RaysyncServiceParts,
  startRaysyncService,
} from './raysync/raysync-service.ts';
export * from './rayvision/analyze-scene.ts';
export * from './rayvision/api.ts';
export type { ApiOperation, Generation } from './rayvision/api-paths.ts';
export * from './rayvision/check.ts';
export type { RayvisionEnvironment } from './rayvision/config.ts';
export * from './rayvision/connect.ts';
export * from './rayvision/constants.ts';
export { convertPath } from './rayvision/convert-path.ts';
export type { DbConfig } from './rayvision/db-config.ts';
export * from './rayvision/download.ts';
export { appendToTask, updateTaskInfo } from './rayvision/edit-task-json.ts';
export { appendToUpload, cuttingUpload, extractFile, walkFiles } from './rayvision/edit-upload-json.ts';
export * from './rayvision/exceptions.ts';
export { type HardwareNeeds, matchHardware, type WantedHardware } from './rayvision/hardware-match.ts';
export { hump2underline } from './rayvision/hump-to-underline.ts';
export { existsOrCreate, JsonHandle, jsonLoad, jsonSave } from './rayvision/json-files.ts';
export * from './rayvision/logger.ts';
export * from './rayvision/manage-task.ts';
export * from './rayvision/operators/env.ts';
export * from './rayvision/operators/query.ts';
export * from './rayvision/operators/query-requests.ts';
export * from './rayvision/operators/tag.ts';
export * from './rayvision/operators/task.ts';
export * from './rayvision/operators/transmit.ts';
export * from './rayvision/operators/user.ts';
export { TipsInfo } from './rayvision/tips-info.ts';
export * from './rayvision/transfer.ts';
export type { EngineChoices, SyncOptions } from './rayvision/transfer-runs.ts';
export type {
  CmdParams,
  EngineType,
  NetworkMode,
  TransmitterCommand,
} from './rayvision/transmitter-command.ts';
export type { TransportInfo, TransportLine } from './rayvision/transports.ts';
export * from './rayvision/upload.ts';
export type { RecordChoices, RecordStore } from './rayvision/upload-record.ts';
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
export { TRANSMIT_EXIT } from './transmitter/exits.ts';
export { type TransmitterParts, transmit } from './transmitter/transmit.ts';
export { outgoingFiles, uploadTask } from './upload-task.ts';
export {
  folderToVerify,
  taskToVerify,
  type Verification,
  type VerifyOptions,
  type VerifySource,
  verifyFiles,
} from './verify-files.ts';
export { isAtRest, type TaskNews, type WatchOptions, watchTask } from './watch-task.ts';
