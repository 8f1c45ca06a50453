/** The folder of the raysync package: cluster.xml, from which the SDK reads the port, and beside it the log. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cliErrors } from '../errors.ts';

export interface ServiceFolder {
  readonly path: string;
  readonly port: number;
  readonly log: string;
}

/** Throws CLI_FILE_UNREADABLE where cluster.xml is not there or names no port. */
export async function serviceFolder(given: string): Promise<ServiceFolder> {
  const folder = path.resolve(given);
  const file = path.join(folder, 'cluster.xml');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw cliErrors.CLI_FILE_UNREADABLE(`${file} cannot be read`, { cause });
  }
  const port = Number(/\bvalue\s*=\s*["'](\d{1,5})["']/.exec(text)?.[1]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw cliErrors.CLI_FILE_UNREADABLE(`${file} names no port`);
  return { path: folder, port, log: path.join(folder, 'raysync-proxy.log') };
}
