/**
 * The documented exception families (seed 002 "Exception management", compat-api 7.1): what goes wrong in words and
 * numbers that scripts written for the real SDK know. A failed connection is no part of them: it is the `CroftError` of
 * the SDK (`SDK_FARM_UNREACHABLE`, `SDK_CONNECTION_LOST`, …), as it is an exception of its HTTP library in Python.
 */

/** Codes that the client itself raises (compat-api 7.1); none of them is ever answered by a farm. */
export const CLIENT_CODES = {
  /** The text of task.json is empty, or an id of a task is none. */
  taskInfo: 2000,
  /** A file of a task's configuration could not be uploaded, after all tries. */
  configUploadFailed: 20_004,
  /** The transfer engine refused the upload, after all tries. */
  transferRefused: 200_024,
  /** Some assets could not be uploaded: not there, or not readable. All others were. */
  assetsMissing: 200_025,
  uploadFileMissing: 200_001,
  /** Anything that has no number of its own. */
  general: 1_000_000,
  /** Hardware that cannot run this version of the app. */
  hardwareVersion: 1_000_001,
  /** A key that is not there to be changed, or is there already. */
  key: 1_000_002,
  fileMissing: 1_000_004,
  pathsType: 1_000_005,
  uploadJsonMissing: 1_000_006,
  /** A parameter has the wrong type (the API's own 600), found before anything was sent. */
  parameterInvalid: 600,
  /** A parameter is missing (the API's own 601), found before anything was sent. */
  parameterMissing: 601,
} as const;

/** Anything that a script did wrong or a farm refused; `errorCode` is a code of `API_CODES` or of `CLIENT_CODES`. */
export class RayvisionError extends Error {
  readonly errorCode: number;
  /** The sentence without its code. */
  readonly error: string;

  constructor(errorCode: number, error: string, options?: { readonly cause?: unknown }) {
    super(`${errorCode}: ${error}`, options);
    this.name = new.target.name;
    this.errorCode = errorCode;
    this.error = error;
  }
}

/** An id of a task that is no whole number. */
export class RayvisonTaskIdError extends RayvisionError {
  constructor(error: string) {
    super(CLIENT_CODES.taskInfo, error);
  }
}

/** The farm answered with a code other than 200. */
export class RayvisionAPIError extends RayvisionError {
  /** Address of the request. */
  readonly request: string;

  constructor(errorCode: number, error: string, request: string) {
    super(errorCode, error);
    this.message = `Error code: ${errorCode}, Error message: ${error}, URL: ${request}`;
    this.request = request;
  }
}

/** No hardware of the farm is what was asked for. */
export class HardwareConfigIdError extends RayvisionError {}
/** The hardware cannot run a plug-in of the scene. */
export class NotSupportPluginError extends RayvisionError {}
/** The hardware cannot run the app. */
export class NotSupportCGSoftwareError extends RayvisionError {}
/** The hardware cannot render a scene with one of its tips. */
export class NotSupportHardwareCodeError extends RayvisionError {}
export class UploadFileNotSupportError extends RayvisionError {}

/** Base of what can go wrong in an analysis. */
export class AnalyzeError extends Error {
  constructor(message?: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
/** A scene file of 3ds Max is damaged. */
export class MaxDamageError extends AnalyzeError {}
export class MaxExeNotExistError extends AnalyzeError {}
/** The app's program is not on this machine. */
export class CGExeNotExistError extends AnalyzeError {}
export class ProjectMaxVersionError extends AnalyzeError {}
export class GetCGVersionError extends AnalyzeError {}
export class GetRendererError extends AnalyzeError {}
export class GetCGLocationError extends AnalyzeError {}
/** Documented with this spelling. */
export class MultiScatterAndVrayConfilictError extends AnalyzeError {}
/** The scene was saved by another version than the one asked for. */
export class VersionNotMatchError extends AnalyzeError {}
export class CGFileNotExistsError extends AnalyzeError {}
export class CGFileZipFailError extends AnalyzeError {}
export class CGFileNameIllegalError extends AnalyzeError {}
/** The analysis ended without a result, or there is none for this app. */
export class AnalyseFailError extends AnalyzeError {}
export class FileNameContainsChineseError extends AnalyzeError {}

export class CompressionFailedError extends Error {
  override readonly name = 'CompressionFailedError';
}
export class DecompressionFailedError extends Error {
  override readonly name = 'DecompressionFailedError';
}
/** A type of local database that there is not: there are sqlite and redis. */
export class UnsupportedDatabaseError extends Error {
  override readonly name = 'UnsupportedDatabaseError';
}
/** A transfer engine that there is not. */
export class UnsupportedEngineType extends Error {
  override readonly name = 'UnsupportedEngineType';
}
/** Results could not be fetched; `cause` says why. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
  /** The tasks, where several were waited for. */
  readonly taskIds: readonly number[];

  constructor(message: string, { taskIds, cause }: { taskIds: readonly number[]; cause?: unknown }) {
    super(message, { cause });
    this.taskIds = taskIds;
  }
}
