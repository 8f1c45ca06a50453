/** The environment variables of the documented SDK (compat-api 1.1, compat-sync 3.2, 5): the only place that reads them. */
import { homedir, hostname, userInfo } from 'node:os';

export interface RayvisionEnvironment {
  /** RAYVISION_API_ACCESS_ID. */
  readonly accessId: string | undefined;
  /** RAYVISION_API_KEY; a secret. */
  readonly accessKey: string | undefined;
  /** RAYVISION_LOG_ROOT: folder of the logs of all apps. */
  readonly logRoot: string | undefined;
  /** RAYVISION_LOG: folder of the transfer engine's log. */
  readonly transferLog?: string | undefined;
  /** RAYVISION_DB: folder of the databases of unchanged files. */
  readonly transferDb?: string | undefined;
  /** LOCALAPPDATA, where Windows keeps logs. */
  readonly localAppData: string | undefined;
  /** USERPROFILE on Windows, HOME elsewhere. */
  readonly home: string;
  readonly userName: string;
  readonly hostName: string;
  readonly platform: NodeJS.Platform;
}

/** Reads them; empty counts as absent. */
export function rayvisionEnvironment(variables: NodeJS.ProcessEnv = process.env): RayvisionEnvironment {
  const windows = process.platform === 'win32';
  return {
    accessId: variables.RAYVISION_API_ACCESS_ID || undefined,
    accessKey: variables.RAYVISION_API_KEY || undefined,
    logRoot: variables.RAYVISION_LOG_ROOT || undefined,
    transferLog: variables.RAYVISION_LOG || undefined,
    transferDb: variables.RAYVISION_DB || undefined,
    localAppData: variables.LOCALAPPDATA || undefined,
    home: (windows ? variables.USERPROFILE : variables.HOME) || homedir(),
    userName: variables.LOGNAME || variables.USER || variables.USERNAME || loginName(),
    hostName: hostname(),
    platform: process.platform,
  };
}

/** What a program that the SDK starts gets: this process' own variables and those given. */
export function childEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

/** In a container the user may have no entry among the machine's users. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
