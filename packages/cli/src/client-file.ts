/** Writes `<home>/client.json`: how the commands on this machine find and sign to the farm of that home. */
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { CLIENT_FILE, type ClientFile } from './config.ts';

/** Replaces the file whole, readable by its owner only: it holds a secret. */
export async function writeClientFile(home: string, client: ClientFile): Promise<void> {
  const file = path.join(home, CLIENT_FILE);
  const fresh = `${file}.${process.pid}.new`;
  await using handle = await open(fresh, 'w', 0o600);
  await handle.chmod(0o600);
  await handle.writeFile(`${JSON.stringify(client, null, 2)}\n`);
  await handle.sync();
  await rename(fresh, file);
}
