/**
 * Where the transfer engines of a farm are (compat-sync 3.1): what the farm's getConfig says, or a `transports.json`. Both
 * become one table, engine → line. A transports.json holds entries by name, `renderbus_www2` for platform 2 of a domestic
 * domain, in one of two forms:
 *
 *   nested   {"aspera": {"server_name", "server_ip", "server_port"}, "raysync": {…}}
 *   flat     {"engine_type": "aspera", "server_name", "server_ip", "server_port"}
 */
import type { FarmConnection } from '../connection.ts';
import { type Json, listOf } from '../reading.ts';
import { hostOfUrl } from '../transmitter/farm-host.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { jsonLoad } from './json-files.ts';

/** A line of an engine: where it is reached. */
export interface TransportLine {
  readonly serverName: string;
  readonly serverIp: string;
  /** Text, as documented. */
  readonly serverPort: string;
}

/** Engine in lower case → its line. An engine without one is not in it. */
export type TransportInfo = Readonly<Record<string, TransportLine>>;

/** Platform → second half of an entry's name. */
const PLATFORM_ALIASES: Readonly<Record<string, string>> = {
  '2': 'www2',
  '3': 'www3',
  '6': 'www6',
  '20': 'pic',
  '21': 'gpu',
  '35': 'gpu5',
};
const ANY_PLATFORM = 'default';

/** Reads an entry of a transports.json; a platform that has no name of its own takes the entry `default`. */
export async function readTransports(file: string, domain: string, platform: string): Promise<TransportInfo> {
  const entries = await jsonLoad(file);
  const name = entryName(domain, platform);
  if (!Object.hasOwn(entries, name))
    throw new RayvisionError(CLIENT_CODES.key, `${file} has no ${name}, for platform ${platform}`);
  return linesOf(jsonOf(entries[name]));
}

function entryName(domain: string, platform: string): string {
  const alias = Object.hasOwn(PLATFORM_ALIASES, platform) ? PLATFORM_ALIASES[platform] : undefined;
  if (alias === undefined) return ANY_PLATFORM;
  return `${domain.includes('foxrenderfarm') ? 'foxrenderfarm' : 'renderbus'}_${alias}`;
}

function linesOf(entry: Json): TransportInfo {
  const nested =
    typeof entry.engine_type === 'string' ? [[entry.engine_type, entry] as const] : Object.entries(entry);
  return table(
    nested.map(([engine, line]) => {
      const { server_name, server_ip, server_port } = jsonOf(line);
      return [engine, lineOf(server_name, server_ip, server_port)];
    }),
  );
}

/**
 * The lines of a getConfig answer: of each engine the one called `provider`, without a provider the one that is flagged
 * default.
 */
export function serviceLines(config: Json, provider = ''): TransportInfo {
  return table(
    listOf(config.resqEngines, 'resqEngines').map((one) => {
      const engine = jsonOf(one);
      const lines = listOf(engine.respTaskEngineLines, 'respTaskEngineLines').map(jsonOf);
      const line = lines.find(({ name, isDefault }) => (provider ? name === provider : Boolean(isDefault)));
      return [String(engine.engineName), line ? lineOf(line.name, line.server, line.port) : null];
    }),
  );
}

/** The farm itself, for every engine: what holds where nobody says otherwise. */
export function ownLines({ url }: Pick<FarmConnection, 'url'>): TransportInfo {
  const own = new URL(url);
  const { port, protocol } = own;
  const line = {
    serverName: 'farm',
    serverIp: hostOfUrl(own),
    serverPort: port || (protocol === 'https:' ? '443' : '80'),
  };
  return { aspera: line, raysyncproxy: line };
}

function table(lines: readonly (readonly [string, TransportLine | null])[]): TransportInfo {
  return Object.fromEntries(
    lines.flatMap(([engine, line]) => (line === null ? [] : [[engine.toLowerCase(), line]])),
  );
}

/** An engine that a platform does not have is an empty object in the documented file. */
function lineOf(name: unknown, ip: unknown, port: unknown): TransportLine | null {
  if (typeof ip !== 'string' || ip === '') return null;
  const serverPort = typeof port === 'number' ? String(port) : port;
  if (typeof serverPort !== 'string' || !/^\d{1,5}$/.test(serverPort)) return null;
  return { serverName: typeof name === 'string' ? name : '', serverIp: ip, serverPort };
}

function jsonOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
