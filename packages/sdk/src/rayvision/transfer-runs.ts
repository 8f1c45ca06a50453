/** What uploads and downloads share: their options, their log, and running one transfer. */
import { type Clock, type Log, systemClock } from '@croft/contract';
import { Gate } from '@croft/transfer';
import type { RayvisionAPI } from './api.ts';
import { type RayvisionEnvironment, rayvisionEnvironment } from './config.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { initLogger, type LogLevel } from './logger.ts';
import { type RunOutcome, type RunTools, runTransmitter } from './run-transmitter.ts';
import type { CreateCmdOptions, RayvisionTransfer, TransferChoices } from './transfer.ts';
import { type CmdParams, type EngineType, engineTypeOf } from './transmitter-command.ts';
import { wholeNumber } from './wire-values.ts';

/** Options of the constructors of RayvisionUpload and RayvisionDownload. */
export interface SyncOptions extends TransferChoices {
  /** Default: the log of the API, or the documented log of `rayvision_sync` where one of the next three is given. */
  readonly logger?: Log;
  readonly logFolder?: string;
  readonly logName?: string;
  /** Default `DEBUG`. */
  readonly logLevel?: LogLevel;
  readonly environment?: RayvisionEnvironment;
  readonly clock?: Clock;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
}

/** How one transfer goes to the farm. */
export interface EngineChoices extends Pick<CreateCmdOptions, 'serverIp' | 'serverPort' | 'networkMode'> {
  /** `aspera` (default) or `raysyncproxy`; without `transmitterExe` they are the same engine. */
  readonly engineType?: string;
  /** Not supported: RayvisionError 600. The farm is reached directly. */
  readonly proxyIp?: string;
  readonly proxyPort?: string | number;
}

export type RunChoices = Pick<RunTools, 'onUploaded' | 'logFolder' | 'engineLog'> & {
  /** Lines at level info; else at level debug. */
  readonly isPrinted: boolean;
  /** Transfers of the second engine that run at once. */
  readonly slots: number;
};

/** Most transfers at once that the second engine takes. */
const MOST_SLOTS = 10;
/** Name of the documented log. */
const LOG_NAME = 'rayvision_sync';

export class TransferRuns {
  readonly trans: RayvisionTransfer;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly environment: RayvisionEnvironment;
  readonly #gates = new Map<number, Gate>();

  constructor(api: RayvisionAPI, trans: RayvisionTransfer, options: SyncOptions) {
    const { logger, logFolder, logName, logLevel } = options;
    this.trans = trans;
    this.environment = options.environment ?? rayvisionEnvironment();
    this.clock = options.clock ?? systemClock;
    this.signal = options.signal ?? new AbortController().signal;
    const hasOwnLog = logFolder ?? logName ?? logLevel;
    const ownLog = () =>
      initLogger(LOG_NAME, { logFolder, logName, logLevel, environment: this.environment });
    this.log = logger ?? (hasOwnLog ? ownLog() : api.logger);
  }

  /** Gives the engine. UnsupportedEngineType; RayvisionError 600 for a proxy. */
  checked({ engineType, proxyIp, proxyPort }: EngineChoices): EngineType {
    if (proxyIp || proxyPort)
      throw new RayvisionError(
        CLIENT_CODES.parameterInvalid,
        'a proxy is not supported; the farm is reached directly',
      );
    return engineTypeOf(engineType);
  }

  /** Whether a program is started; the second engine is always this process. */
  programFor(engine: EngineType): string | null {
    return engine === 'raysyncproxy' ? null : this.trans.program;
  }

  /** Runs one transfer to its end, whatever its exit code is. */
  async run(params: CmdParams, options: CreateCmdOptions, how: RunChoices): Promise<RunOutcome> {
    const { isPrinted, slots, ...rest } = how;
    const command = this.trans.command(params, options);
    const print = (line: string) => (isPrinted ? this.log.info({}, line) : this.log.debug({}, line));
    const { connection } = this.trans.api.connect;
    const tools = { connection, clock: this.clock, signal: this.signal, print, ...rest };
    const program = this.programFor(command.engineType);
    return this.inSlot(command.engineType, slots, () => runTransmitter(command, program, tools));
  }

  /** The second engine runs a few transfers at once, the first as many as it is asked for. */
  inSlot<Result>(engine: EngineType, slots: number, action: () => Promise<Result>): Promise<Result> {
    if (engine !== 'raysyncproxy') return action();
    const gate = this.#gates.get(slots) ?? new Gate(slots);
    this.#gates.set(slots, gate);
    return gate.run(action);
  }
}

/** `uploadNum` and `downloadNum`: 1 to 10, default 2. RayvisionError 600. */
export function slotsOf(value: number | undefined, name: string): number {
  const slots = wholeNumber(value ?? 2, name);
  if (slots >= 1 && slots <= MOST_SLOTS) return slots;
  throw new RayvisionError(CLIENT_CODES.parameterInvalid, `${name} is a number from 1 to ${MOST_SLOTS}`);
}
