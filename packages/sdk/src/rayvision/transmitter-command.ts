/**
 * One command line of `rayvision_transmitter`, as the documented SDK writes it (compat-sync 1.3): the same options in the
 * same order with the same values. Whoever starts a program takes the words; the text is for people and logs.
 */
import { CLIENT_CODES, RayvisionError, UnsupportedEngineType } from './exceptions.ts';

/**
 * What one transfer is, in the documented order: kind of transfer, local path, path on the farm, KB a second, whether the
 * path is kept, whose storage.
 */
export type CmdParams = readonly [
  transmitType: string,
  localPath: string,
  outputFileName: string,
  maxSpeed: string | number,
  keepPath: string | boolean,
  storage: 'config_bid' | 'input_bid' | 'output_bid',
];

/** `raysync` is the older name of the second engine. */
export const ENGINE_TYPES = ['aspera', 'raysync', 'raysyncproxy'] as const;
export type EngineType = (typeof ENGINE_TYPES)[number];

/** 0 chosen by the engine, 1 TCP, 2 UDP; without meaning at a Croft farm. */
export type NetworkMode = 0 | 1 | 2;

/** "No limit": the largest value of the option. */
const NO_LIMIT_KBPS = 1_048_576;
/** Tries inside one run. */
const RETRIES = '2';

/** Everything that the command line says. */
export interface TransmitterCommand {
  readonly exe: string;
  readonly engineType: EngineType;
  readonly serverIp: string;
  readonly serverPort: string;
  /** Opens the storage together with the account's number: not for logs. */
  readonly storageId: string;
  readonly userId: string;
  readonly params: CmdParams;
  /** Settings of the local database; null for none. */
  readonly dbIniPath: string | null;
  /** Null where the generation has no such option (SDK 2.1 and before). */
  readonly networkMode: NetworkMode | null;
}

/** The engine takes either spelling; this is the documented SDK's. */
const PYTHON_TRUTH = { true: 'True', false: 'False' } as const;

function optionsOf(command: TransmitterCommand): (readonly [option: string, value: string])[] {
  const [type, local, remote, maxSpeed, keepPath] = command.params;
  return [
    ['-E', command.engineType],
    ['-H', command.serverIp],
    ['-P', command.serverPort],
    ['-S', command.storageId],
    ['-U', command.userId],
    ['-T', type],
    ['-L', local],
    ['-R', remote],
    ['-r', RETRIES],
    ['-K', typeof keepPath === 'string' ? keepPath : PYTHON_TRUTH[`${keepPath}`]],
    ['-s', String(maxSpeed)],
    ['-C', command.dbIniPath ?? 'None'],
  ];
}

/** The words after the program's name. */
export function commandWords(command: TransmitterCommand): string[] {
  const { networkMode } = command;
  return [...optionsOf(command).flat(), ...(networkMode === null ? [] : ['-p', String(networkMode)])];
}

/**
 * The documented text, for a shell, which takes `"`, `$` and backticks in its values for its own: never run it with paths of
 * others in it.
 */
export function commandText(command: TransmitterCommand): string {
  const options = optionsOf(command).map(([option, value]) => ` ${option} "${value}"`);
  const mode = command.networkMode === null ? '' : ` -p ${command.networkMode}`;
  return `echo y|"${command.exe}"${options.join('')}${mode} `;
}

/** `aspera` for nothing; throws UnsupportedEngineType. */
export function engineTypeOf(text: string | null | undefined): EngineType {
  if (!text) return 'aspera';
  const engine = ENGINE_TYPES.find((one) => one === text);
  if (engine !== undefined) return engine;
  throw new UnsupportedEngineType(
    `${JSON.stringify(text)} is no transfer engine; there are ${ENGINE_TYPES.join(', ')}`,
  );
}

/** Throws RayvisionError 600. */
export function networkModeOf(mode: number | undefined): NetworkMode {
  if (mode === undefined || mode === 0) return 0;
  if (mode === 1 || mode === 2) return mode;
  throw new RayvisionError(CLIENT_CODES.parameterInvalid, 'networkMode is 0, 1 or 2');
}

/** KB a second for the command line; nothing, and whatever is above the largest value, mean no limit. */
export function speedText(maxSpeed: number | string | undefined): string {
  return String(Math.max(1, Math.floor(speedOf(maxSpeed) ?? NO_LIMIT_KBPS)));
}

/** KB a second, or null for no limit. Throws RayvisionError 600. */
export function speedOf(maxSpeed: number | string | undefined): number | null {
  if (maxSpeed === undefined || maxSpeed === '') return null;
  const speed = Number(maxSpeed);
  if (!(Number.isFinite(speed) && speed > 0))
    throw new RayvisionError(CLIENT_CODES.parameterInvalid, 'maxSpeed is a number of KB a second above 0');
  return speed >= NO_LIMIT_KBPS ? null : speed;
}
