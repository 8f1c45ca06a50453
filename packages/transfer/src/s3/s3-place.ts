/**
 * Where a farm's bytes lie on an S3 server, as users write it:
 *
 *   s3://BUCKET[/FOLDER][?endpoint=URL&public-endpoint=URL&region=NAME&path-style=on|off&direct=on|off&read-back=on|off]
 *
 *   endpoint          address of the server; without one it is Amazon's
 *   public-endpoint   the same server as clients and nodes reach it, where that differs
 *   region            default us-east-1
 *   path-style        the bucket's name in the path instead of the host name; default: on where there is an endpoint
 *   direct            off: all bytes pass through the farm, for clients that cannot reach the S3 server; default on
 *   read-back         on: every upload is read once before it counts, for a server whose checksums are not trusted
 */
import { transferErrors } from '../errors.ts';

export interface S3Place {
  readonly bucket: string;
  /** '' or a folder with a slash at its end. */
  readonly prefix: string;
  /** null: Amazon's. */
  readonly endpoint: string | null;
  /** As clients reach it; null: as the farm does. */
  readonly publicEndpoint: string | null;
  readonly region: string;
  readonly pathStyle: boolean;
  readonly direct: boolean;
  readonly readBack: boolean;
}

const SETTINGS = new Set(['endpoint', 'public-endpoint', 'region', 'path-style', 'direct', 'read-back']);

/** TRANSFER_STORE_ADDRESS with what is wrong. A key in the address is refused: addresses end up in logs. */
export function parseS3Place(text: string): S3Place {
  if (!text.startsWith('s3://') || !URL.canParse(text)) throw wrong(`is no address of a bucket`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw wrong('has a key in it; keys come from the environment or a file');
  const bucket = url.hostname;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw wrong('names no bucket');
  const folders = decodeURIComponent(url.pathname).split('/').filter(Boolean);
  if (folders.some((name) => !/^[\w.-]{1,100}$/.test(name) || name === '.' || name === '..'))
    throw wrong('has a folder with other characters than letters, digits, dot, hyphen and underscore');
  for (const name of url.searchParams.keys())
    if (!SETTINGS.has(name)) throw wrong(`has a setting "${name}"; there are ${[...SETTINGS].join(', ')}`);
  const endpoint = address(url, 'endpoint');
  return {
    bucket,
    prefix: folders.map((name) => `${name}/`).join(''),
    endpoint,
    publicEndpoint: address(url, 'public-endpoint'),
    region: url.searchParams.get('region') || 'us-east-1',
    pathStyle: isOn(url, 'path-style', endpoint !== null),
    direct: isOn(url, 'direct', true),
    readBack: isOn(url, 'read-back', false),
  };
}

/** The place without its settings, for people and for the note in the farm's home. */
export function nameOfPlace({ bucket, prefix, endpoint }: S3Place): string {
  return `s3://${bucket}/${prefix}${endpoint === null ? '' : ` at ${endpoint}`}`;
}

function address(url: URL, name: string): string | null {
  const text = url.searchParams.get(name);
  if (text === null || text === '') return null;
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw wrong(`has an ${name} that is no http address`);
  return text.replace(/\/+$/, '');
}

function isOn(url: URL, name: string, otherwise: boolean): boolean {
  const text = url.searchParams.get(name);
  if (text === null) return otherwise;
  if (text !== 'on' && text !== 'off') throw wrong(`sets ${name} to neither on nor off`);
  return text === 'on';
}

function wrong(why: string): Error {
  return transferErrors.TRANSFER_STORE_ADDRESS(`the address of the blob store ${why}`);
}
