/**
 * The command line's settings, resolved once: flags, then the environment, then `<home>/client.json`, then defaults.
 * Nothing else asks the environment for settings. `client.json` is written by `croft up`, readable by its owner only,
 * and holds {url, accessId, accessKey, accountId} of the farm in that home.
 *
 *   CROFT_HOME          folder of the farm and its settings, default ~/.croft
 *   CROFT_SERVER        address of the farm
 *   CROFT_ACCESS_ID     the access key; RAYVISION_API_ACCESS_ID and RAYVISION_API_KEY, the names of
 *   CROFT_ACCESS_KEY    the Renderbus SDK, are read where these are not set
 *   CROFT_CA            certificate (PEM) to trust beside the system's, for a farm with TLS of its own
 *   CROFT_NODE_CODE     enrolment code of a node, instead of --code
 *   CROFT_LOG           debug, info, warn or error: how much farm and node log, default info
 *   CROFT_BLOBS         s3://bucket/folder?endpoint=URL: where a new farm keeps its bytes, instead of --blobs
 *   CROFT_SYNC          always or never: whether bytes are on the disk before a farm says that it has them
 *   CROFT_LOCAL_DB      file that remembers what was sent, so that unchanged files are not read again, default
 *                       sent-files.sqlite in the user's cache folder; off: none
 *   CROFT_STALL_SECONDS  how long no byte of a transfer may move, 1 to 60, default 15
 *   CROFT_S3_KEY_ID     the key for that bucket, with CROFT_S3_SECRET or a file that holds the secret,
 *                       CROFT_S3_SECRET_FILE; without them it is looked for as Amazon's tools do
 *   CROFT_TIME_ZONE     zone of the times that the Renderbus API writes without one, default the machine's
 *   NO_COLOR            any value: no colours
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { SyncPolicy } from '@croft/transfer';
import type { Environment } from './environment.ts';
import { cliErrors } from './errors.ts';
import { zeroSpeedMs } from './zero-speed.ts';

export interface Config {
  readonly home: string;
  /** null where no farm is known. */
  readonly url: string | null;
  readonly accessId: string | null;
  readonly accessKey: string | null;
  readonly accountId: number | null;
  /** File with a further certificate to trust; null: only the system's. */
  readonly ca: string | null;
  /** Folder for what can be found out again, shared by all homes of this user. */
  readonly cache: string;
  /** SQLite file that remembers what sent files looked like; null: none. */
  readonly localDb: string | null;
  /** How long no byte of a transfer may move; undefined: as long as the engine says. */
  readonly zeroSpeedMs: number | undefined;
  readonly nodeCode: string | null;
  readonly logLevel: LogLevel;
  /** As given; whoever starts a farm checks that there is such a zone. null: the machine's. */
  readonly timeZone: string | null;
  /** Address of a blob store, unread; null: what the home says. */
  readonly blobs: string | null;
  /** Whether bytes that a farm keeps itself are synced to the disk before they count as stored. */
  readonly sync: SyncPolicy;
  /** Of the S3 server; the secret itself, or the file that holds it. */
  readonly s3Key: S3Key | null;
  readonly hasColour: boolean;
  /** The environment for processes that this one starts and for probes of installed programs, without keys of buckets. */
  readonly environment: Environment;
}

export type S3Key = { readonly accessKeyId: string } & (
  | { readonly secret: string; readonly secretFile: null }
  | { readonly secret: null; readonly secretFile: string }
);

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ClientFile {
  readonly url: string;
  readonly accessId: string;
  readonly accessKey: string;
  readonly accountId: number;
}

export const CLIENT_FILE = 'client.json';

export interface ConfigSources {
  readonly flags: {
    readonly home?: string | undefined;
    readonly server?: string | undefined;
    readonly ca?: string | undefined;
  };
  readonly env: Environment;
}

/** Resolves and freezes the settings; throws CLI_SETTINGS_INVALID with every problem in one sentence. */
export function readConfig({ flags, env }: ConfigSources): Config {
  const problems: string[] = [];
  const home = path.resolve(flags.home ?? (env.CROFT_HOME || path.join(homedir(), '.croft')));
  const file = readClientFile(home, problems);
  const rawUrl = flags.server ?? (env.CROFT_SERVER || file?.url);
  const url = rawUrl === undefined ? null : serverUrl(rawUrl, problems);
  const envId = env.CROFT_ACCESS_ID || env.RAYVISION_API_ACCESS_ID;
  const envKey = env.CROFT_ACCESS_KEY || env.RAYVISION_API_KEY;
  if ((envId === undefined || envId === '') !== (envKey === undefined || envKey === '')) {
    problems.push('of access id and access key only one is set in the environment');
  }
  const s3Key = s3KeyOf(env, problems);
  const sync = syncPolicy(env.CROFT_SYNC || 'always');
  if (sync === undefined) problems.push('CROFT_SYNC is neither always nor never');
  const logLevel = LOG_LEVELS.find((level) => level === (env.CROFT_LOG || 'info'));
  if (!logLevel) problems.push(`CROFT_LOG is none of ${LOG_LEVELS.join(', ')}`);
  const stall = zeroSpeedMs(env);
  if (stall === null) problems.push('CROFT_STALL_SECONDS is no whole number from 1 to 60');
  if (problems.length > 0) {
    throw cliErrors.CLI_SETTINGS_INVALID(problems.join('; '), {
      hint: 'Settings come from flags, then the environment, then client.json in the home folder.',
    });
  }
  return Object.freeze({
    home,
    url,
    accessId: envId || file?.accessId || null,
    accessKey: envKey || file?.accessKey || null,
    accountId: envId ? null : (file?.accountId ?? null),
    ca: flags.ca ?? (env.CROFT_CA || null),
    cache: cacheFolder(env),
    localDb: localDb(env),
    zeroSpeedMs: stall ?? undefined,
    nodeCode: env.CROFT_NODE_CODE || null,
    logLevel: logLevel ?? 'info',
    timeZone: env.CROFT_TIME_ZONE || null,
    hasColour: !env.NO_COLOR,
    blobs: env.CROFT_BLOBS || null,
    sync: sync ?? 'always',
    s3Key,
    environment: withoutBucketKeys(env),
  });
}

/** undefined for a word that is none. */
export function syncPolicy(word: string): SyncPolicy | undefined {
  return word === 'always' || word === 'never' ? word : undefined;
}

function s3KeyOf(env: Environment, problems: string[]): S3Key | null {
  const accessKeyId = env.CROFT_S3_KEY_ID || null;
  const secret = env.CROFT_S3_SECRET || null;
  const secretFile = env.CROFT_S3_SECRET_FILE || null;
  if (accessKeyId === null && secret === null && secretFile === null) return null;
  if (accessKeyId !== null && secret !== null && secretFile === null)
    return { accessKeyId, secret, secretFile };
  if (accessKeyId !== null && secret === null && secretFile !== null)
    return { accessKeyId, secret, secretFile };
  problems.push('the S3 key needs CROFT_S3_KEY_ID and one of CROFT_S3_SECRET and CROFT_S3_SECRET_FILE');
  return null;
}

/** Nodes and their apps have no business with the farm's bucket. */
function withoutBucketKeys(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(CROFT_S3_|AWS_)/.test(name)));
}

/** XDG_CACHE_HOME, on Windows LOCALAPPDATA, else ~/.cache. */
function cacheFolder(env: Environment): string {
  return path.join(env.XDG_CACHE_HOME || env.LOCALAPPDATA || path.join(homedir(), '.cache'), 'croft');
}

function localDb(env: ConfigSources['env']): string | null {
  if (env.CROFT_LOCAL_DB === 'off') return null;
  return path.resolve(env.CROFT_LOCAL_DB || path.join(cacheFolder(env), 'sent-files.sqlite'));
}

/** An address as users write it: `host:port` means http. */
function serverUrl(text: string, problems: string[]): string | null {
  const spelled = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(spelled) || /\s/.test(text)) {
    problems.push(`${JSON.stringify(text.slice(0, 100))} is no address of a farm`);
    return null;
  }
  return spelled.replace(/\/+$/, '');
}

/** The home's client.json; null where there is none, or it is damaged, which is added to `problems`. */
export function readClientFile(home: string, problems: string[]): ClientFile | null {
  const file = path.join(home, CLIENT_FILE);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') problems.push(`${file} cannot be read (${code})`);
    return null;
  }
  const parsed = parseClientFile(text);
  if (!parsed) problems.push(`${file} is damaged; "croft up" writes it anew`);
  return parsed;
}

function parseClientFile(text: string): ClientFile | null {
  try {
    const { url, accessId, accessKey, accountId } = JSON.parse(text) as Partial<ClientFile>;
    if (typeof url !== 'string' || typeof accessId !== 'string' || typeof accessKey !== 'string') return null;
    return { url, accessId, accessKey, accountId: Number(accountId) };
  } catch {
    return null;
  }
}
