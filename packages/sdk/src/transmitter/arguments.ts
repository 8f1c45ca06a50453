/**
 * The command line of `rayvision_transmitter`: the documented flags, in any order, as the original's parser takes them
 * (`-E aspera`, `-Easpera`, `--engine aspera`, `--engine=aspera`, any prefix of a long name that names one option), and
 * the 13 positional values of SDK generations up to 1.2.
 */
import { sdkErrors } from '../errors.ts';
import { type FarmHost, readFarmHost } from './farm-host.ts';

export const TRANSMIT_TYPES = [
  'upload_json',
  'upload_list',
  'upload_path',
  'download_path',
  'download_list',
] as const;
export type TransmitType = (typeof TRANSMIT_TYPES)[number];

/** Names of the types in SDK generations up to 1.2. */
const OLD_TYPES: Readonly<Record<string, TransmitType>> = {
  upload_files: 'upload_path',
  upload_file_pairs: 'upload_json',
  download_files: 'download_path',
};

/** What one run shall do. Paths are as given; whoever runs it resolves them against its working directory. */
export interface TransmitOrder {
  readonly engine: 'aspera' | 'raysync';
  readonly host: FarmHost;
  readonly port: number;
  readonly storageId: string;
  readonly accountId: string;
  readonly type: TransmitType;
  readonly local: string;
  readonly remote: string;
  /** How often finding the farm is tried again. */
  readonly retries: number;
  readonly keepPath: boolean;
  /** KB/s; null where the limit is the largest one, which the SDK sends when it wants none. */
  readonly limitKbps: number | null;
  /** Path of the settings of the local database; null for none. */
  readonly dbIni: string | null;
  /** First index and the one after the last of a list; null for all. */
  readonly range: readonly [number, number] | null;
}

export type Parsed =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly order: TransmitOrder };

const MOST_KBPS = 1_048_576;
const MOST_RETRIES = 100;

/** Short name, long name, default, meaning; the order is that of the positional form as far as it goes. */
export const OPTIONS = [
  ['E', 'engine', null, 'aspera or raysync; both mean the same here'],
  ['H', 'host', null, 'address of the farm; with a path below a proxy: farm.example/croft'],
  ['P', 'port', null, 'its port'],
  ['S', 'storage', null, 'storage id'],
  ['U', 'uid', null, 'account id'],
  ['T', 'type', null, TRANSMIT_TYPES.join(', ')],
  ['L', 'local', null, 'local file, folder or list'],
  ['R', 'remote', '/', 'path on the farm; upload_json ignores it'],
  ['r', 'retry', '2', 'how often to try again to find the farm'],
  ['K', 'keep', 'false', 'keep the path: true or false'],
  ['s', 'speed-limit', '2000', 'KB/s, at most 1048576, which means no limit'],
  ['C', 'config', 'None', 'settings of the local database of unchanged files'],
  ['p', 'protocol', '2', '0, 1 or 2; without meaning here'],
  ['c', 'count-ranges', '', 'two numbers "a b": entries a to b - 1 of a list'],
] as const;
type OptionName = (typeof OPTIONS)[number][1];

/** The older form has the server's name in third place's stead and neither protocol nor ranges. */
const POSITIONS: readonly (OptionName | null)[] = [
  'engine',
  null,
  'host',
  'port',
  'storage',
  'uid',
  'type',
  'local',
  'remote',
  'retry',
  'keep',
  'speed-limit',
  'config',
];

/** Throws SDK_TRANSMIT_USAGE. */
export function parseArguments(argv: readonly string[]): Parsed {
  const values = new Map<OptionName, string>();
  if (argv.length > 0 && !argv[0]!.startsWith('-')) {
    readPositions(argv, values);
  } else {
    const shown = readFlags(argv, values);
    if (shown !== null) return { kind: shown };
  }
  return { kind: 'run', order: orderOf(values) };
}

function readPositions(argv: readonly string[], values: Map<OptionName, string>): void {
  if (argv.length !== POSITIONS.length)
    throw usage(`the form without options has ${POSITIONS.length} values, not ${argv.length}`);
  for (const [index, name] of POSITIONS.entries()) if (name !== null) values.set(name, argv[index]!);
}

function readFlags(
  argv: readonly string[],
  values: Map<OptionName, string>,
): Extract<Parsed['kind'], 'help' | 'version'> | null {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    const { name, value: attached } = split(word);
    if (name === 'help' || name === 'version') return name;
    let value = attached;
    if (value === null) {
      at++;
      value = argv[at] ?? null;
      if (value === null) throw usage(`${word} needs a value`);
    }
    // The range may come as one word or as two.
    if (name === 'count-ranges' && /^\s*\d+\s*$/.test(value) && /^\d+$/.test(argv[at + 1] ?? '')) {
      at++;
      value = `${value} ${argv[at]}`;
    }
    if (values.has(name)) throw usage(`--${name} is given twice`);
    values.set(name, value);
  }
  return null;
}

function split(word: string): { name: OptionName | 'help' | 'version'; value: string | null } {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const spelled = equals < 0 ? word.slice(2) : word.slice(2, equals);
    return { name: longName(spelled, word), value: equals < 0 ? null : word.slice(equals + 1) };
  }
  if (word === '-h') return { name: 'help', value: null };
  if (word === '-v') return { name: 'version', value: null };
  const option = word.startsWith('-') ? OPTIONS.find(([short]) => short === word[1]) : undefined;
  if (option === undefined) throw usage(`${JSON.stringify(word.slice(0, 100))} is no option`);
  return { name: option[1], value: word.length > 2 ? word.slice(2) : null };
}

function longName(spelled: string, word: string): OptionName | 'help' | 'version' {
  const names = [...OPTIONS.map(([, long]) => long), 'help', 'version'] as const;
  const exact = names.find((name) => name === spelled);
  const fitting = spelled === '' ? [] : names.filter((name) => name.startsWith(spelled));
  const name = exact ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (name === undefined)
    throw usage(
      `${JSON.stringify(word.slice(0, 100))} ${fitting.length > 1 ? 'could be several options' : 'is no option'}`,
    );
  return name;
}

function orderOf(values: ReadonlyMap<OptionName, string>): TransmitOrder {
  const given = (name: OptionName): string => {
    const value = values.get(name) ?? OPTIONS.find(([, long]) => long === name)![2];
    if (value === null || (value === '' && name !== 'count-ranges' && name !== 'config'))
      throw usage(`--${name} is needed`);
    return value;
  };
  const engine = given('engine');
  if (engine !== 'aspera' && engine !== 'raysync')
    throw usage(`${JSON.stringify(engine.slice(0, 40))} is no engine; there are aspera and raysync`);
  const typeName = given('type');
  const type = OLD_TYPES[typeName] ?? TRANSMIT_TYPES.find((one) => one === typeName);
  if (type === undefined)
    throw usage(
      `${JSON.stringify(typeName.slice(0, 40))} is no transfer type; there are ${TRANSMIT_TYPES.join(', ')}`,
    );
  whole(given('protocol'), 'protocol', 0, 2);
  const speed = whole(given('speed-limit').replace(/\.0+$/, ''), 'speed-limit', 1, MOST_KBPS);
  const config = given('config').trim();
  return {
    engine,
    host: hostOf(given('host')),
    port: whole(given('port'), 'port', 1, 65_535),
    storageId: given('storage').trim(),
    accountId: given('uid').trim(),
    type,
    local: given('local'),
    remote: given('remote'),
    retries: whole(given('retry'), 'retry', 0, MOST_RETRIES),
    keepPath: truth(given('keep')),
    limitKbps: speed === MOST_KBPS ? null : speed,
    dbIni: config === '' || config === 'None' ? null : config,
    range: rangeOf(given('count-ranges')),
  };
}

function hostOf(text: string): FarmHost {
  const host = readFarmHost(text);
  if (host === null) throw usage(`${JSON.stringify(text.slice(0, 100))} is no host`);
  return host;
}

function whole(text: string, name: OptionName, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(
    `--${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text.slice(0, 40))}`,
  );
}

function truth(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  throw usage(`--keep is true or false, not ${JSON.stringify(text.slice(0, 40))}`);
}

function rangeOf(text: string): readonly [number, number] | null {
  if (text.trim() === '') return null;
  const [, from, to] = /^\s*(\d{1,9})[\s,]+(\d{1,9})\s*$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to))
    throw usage(`ranges error: ${JSON.stringify(text.slice(0, 40))} is not two numbers "a b"`);
  return [Number(from), Number(to)];
}

function usage(message: string) {
  return sdkErrors.SDK_TRANSMIT_USAGE(message);
}
