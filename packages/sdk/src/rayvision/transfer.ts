/**
 * The documented transfer (seed 002 "RayvisionTransfer", compat-sync 1.3, 2.1, 3.1): which storage, which line, which program;
 * and the command line that follows from them. Nothing is asked for before it is needed: `ready` logs in where nobody has,
 * and learns the lines.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../reading.ts';
import type { RayvisionAPI } from './api.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import type { RayvisionManageTask } from './manage-task.ts';
import {
  type CmdParams,
  commandText,
  commandWords,
  type EngineType,
  engineTypeOf,
  networkModeOf,
  type TransmitterCommand,
} from './transmitter-command.ts';
import {
  ownLines,
  readTransports,
  serviceLines,
  type TransportInfo,
  type TransportLine,
} from './transports.ts';

/** What is the same for uploads and downloads. */
export interface TransferChoices {
  /** A transports.json with lines of your own; used where `automaticLine` is false. */
  readonly transportsJson?: string;
  /** A program that moves the bytes in place of this process. One that is not there is not used, as documented. */
  readonly transmitterExe?: string;
  /** Whether the farm says where its engines are; default true. */
  readonly automaticLine?: boolean;
  /** The name of the farm's line to take; default: the one the farm calls default. */
  readonly internetProvider?: string;
}

/** What is known of the account; each default is what the login brought. */
export interface TransferAccount {
  readonly configBid?: string;
  readonly inputBid?: string;
  readonly outputBid?: string;
  readonly domain?: string;
  readonly platform?: string;
  readonly localOs?: string;
  readonly userId?: string | number;
  readonly manageTask?: RayvisionManageTask;
}

export interface CreateCmdOptions {
  /** Settings of the local database. */
  readonly dbIniPath?: string | null;
  /** Default `aspera`. */
  readonly engineType?: string;
  /** Default: the engine's line. */
  readonly serverIp?: string;
  readonly serverPort?: string | number;
  /** Another account, and an id of its input storage: they win over all else. */
  readonly mainUserId?: string | number | null;
  readonly mainInputBid?: string | null;
  /** Another storage id; default: the account's own of the kind that the parameters name. */
  readonly bid?: string | null;
  readonly networkMode?: number;
}

const NAMES = { config_bid: 'configBid', input_bid: 'inputBid', output_bid: 'outputBid' } as const;
/** What only a login knows. */
const LOGIN_FACTS = ['configBid', 'inputBid', 'outputBid', 'userId'] as const;
/** Engines that one is found under, in the order of preference. */
const LINES_OF: Readonly<Record<EngineType, readonly string[]>> = {
  aspera: ['aspera'],
  raysync: ['raysync', 'aspera'],
  raysyncproxy: ['raysyncproxy', 'raysync'],
};
/** The program's name where none is given: this process does its work. */
const PROGRAM = 'rayvision_transmitter';

export class RayvisionTransfer {
  readonly api: RayvisionAPI;
  readonly manageTask: RayvisionManageTask | null;
  readonly transportsJson: string;
  /** Path of the program, or just its name where this process does its work. May be set, as in scripts of SDK 2. */
  transmitterExe: string;
  /** The engines' lines; empty before `ready`. May be set. */
  transportInfo: TransportInfo = {};
  readonly #given: TransferAccount;
  readonly #choices: TransferChoices;
  #ready: Promise<void> | null = null;

  constructor(api: RayvisionAPI, options: TransferChoices & TransferAccount = {}) {
    const { transmitterExe = '', transportsJson = '' } = options;
    this.api = api;
    this.#given = options;
    this.#choices = options;
    this.manageTask = options.manageTask ?? null;
    this.transportsJson = transportsJson;
    this.transmitterExe = existsSync(transmitterExe) ? transmitterExe : PROGRAM;
    if (transmitterExe !== '' && this.program === null)
      api.logger.warn({ transmitterExe }, 'there is no such program; this process moves the bytes itself');
  }

  get configBid(): string {
    return this.#fact('configBid');
  }
  /** Of the account itself; see `getShareInfo` for one that shares another's. */
  get inputBid(): string {
    return this.#fact('inputBid');
  }
  get outputBid(): string {
    return this.#fact('outputBid');
  }
  get domain(): string {
    return this.#fact('domain');
  }
  get platform(): string {
    return this.#fact('platform');
  }
  get localOs(): string {
    return this.#fact('localOs');
  }
  get userId(): string {
    return this.#fact('userId');
  }

  /** The documented seven in one object. */
  get userInfo() {
    const { configBid, inputBid, outputBid, userId, domain, platform, localOs } = this;
    return { configBid, inputBid, outputBid, userId, domain, platform, localOs };
  }

  /** The program to start; null where this process moves the bytes. */
  get program(): string | null {
    return this.transmitterExe === PROGRAM || this.transmitterExe === '' ? null : this.transmitterExe;
  }

  /** Whether the lines are others than those of the farm that `domain` names. */
  get isElsewhere(): boolean {
    const { automaticLine = true, internetProvider = '' } = this.#choices;
    return internetProvider !== '' || (!automaticLine && this.transportsJson !== '');
  }

  /** Logs in and learns the lines, where that was not done yet. */
  ready(): Promise<void> {
    this.#ready ??= this.#prepare().catch((thrown: unknown) => {
      this.#ready = null;
      throw thrown;
    });
    return this.#ready;
  }

  async #prepare(): Promise<void> {
    const isKnown = LOGIN_FACTS.every((name) => this.#valueOf(name) !== undefined);
    if (!isKnown) await this.api.user.login();
    if (Object.keys(this.transportInfo).length > 0) return;
    const { automaticLine = true, internetProvider } = this.#choices;
    this.transportInfo = automaticLine
      ? await this.parseServiceTransfeLine(internetProvider)
      : await this.parseTransportsJson();
  }

  /** Where the program lies below a folder of the documented package. */
  static initTransmitter(currentDir: string, localOs: string): string {
    const [folder, file] = localOs === 'windows' ? ['windows', `${PROGRAM}.exe`] : ['linux', PROGRAM];
    return path.join(currentDir, 'transmission', folder, file);
  }

  /**
   * The lines of a transports.json for a domain and a platform; default: those of the API and its account. Without a file
   * they are the farm's own address. RayvisionError 1000004: no such file; 1000002: no such entry.
   */
  async parseTransportsJson(
    transportsJson?: string | null,
    domain?: string | null,
    platform?: string | null,
  ): Promise<TransportInfo> {
    const file = transportsJson || this.transportsJson;
    if (file === '') return ownLines(this.api.connect.connection);
    return readTransports(file, domain || this.domain, platform || this.platform);
  }

  /** The lines that the farm tells, under the documented name. RayvisionError 1000000 where it tells nothing. */
  async parseServiceTransfeLine(internetProvider?: string): Promise<TransportInfo> {
    const config: Json = await this.api.transmit.getTransferConfig();
    if (Object.keys(config).length === 0)
      throw new RayvisionError(CLIENT_CODES.general, 'the farm tells no line for transfers');
    return serviceLines(config, internetProvider);
  }

  /** The line of an engine. RayvisionError 1000002 where there is none. */
  lineOf(engine: EngineType): TransportLine {
    const line = LINES_OF[engine].map((name) => this.transportInfo[name]).find((one) => one !== undefined);
    if (line !== undefined) return line;
    const { internetProvider } = this.#choices;
    const named = internetProvider ? ` called ${JSON.stringify(internetProvider)}` : '';
    throw new RayvisionError(CLIENT_CODES.key, `there is no line${named} for the engine ${engine}`);
  }

  /** The documented command line, as text for a shell; see `commandText`. After `ready`. */
  createCmd(cmdParams: CmdParams, options: CreateCmdOptions = {}): string {
    return commandText(this.command(cmdParams, options));
  }

  /** The same as words for a program that is started without a shell, the program left out. After `ready`. */
  createArguments(cmdParams: CmdParams, options: CreateCmdOptions = {}): string[] {
    return commandWords(this.command(cmdParams, options));
  }

  /** What both are made of. UnsupportedEngineType; RayvisionError 1000002 where there is no line or no storage id. */
  command(cmdParams: CmdParams, options: CreateCmdOptions = {}): TransmitterCommand {
    const engineType = engineTypeOf(options.engineType);
    const { mainInputBid, mainUserId, bid, dbIniPath } = options;
    const networkMode = networkModeOf(options.networkMode);
    return {
      exe: this.transmitterExe,
      engineType,
      serverIp: options.serverIp || this.lineOf(engineType).serverIp,
      serverPort: String(options.serverPort || this.lineOf(engineType).serverPort),
      storageId: mainInputBid || bid || this[NAMES[cmdParams[5]]],
      userId: String(mainUserId || this.userId),
      params: cmdParams,
      dbIniPath: dbIniPath ?? null,
      networkMode: this.api.connect.generation === 1 ? null : networkMode,
    };
  }

  #valueOf(name: Exclude<keyof TransferAccount, 'manageTask'>): unknown {
    return this.#given[name] ?? this.api.userInfo[name];
  }

  #fact(name: Exclude<keyof TransferAccount, 'manageTask'>): string {
    const value = this.#valueOf(name);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new RayvisionError(CLIENT_CODES.key, `the account has no ${name}; has the API logged in?`);
  }
}

/** Whose input storage an account uses, and its id: its own, or its main account's where it shares that. Asks each time. */
export async function getShareInfo(api: RayvisionAPI, trans = new RayvisionTransfer(api)) {
  const profile = await api.user.queryUserProfile();
  if (!profile.shareMainCapital) return { mainInputBid: trans.inputBid, mainUserId: trans.userId };
  const { parent_input_bid } = await api.user.getTransferBid();
  return {
    mainInputBid: typeof parent_input_bid === 'string' ? parent_input_bid : null,
    mainUserId: profile.mainUserId ? String(profile.mainUserId) : null,
  };
}
