/**
 * rclone beside Croft. Not over WebDAV: of its calls rclone begins one in 10 ms, 10,000 files would take minutes. Up it goes over
 * SFTP, which encrypts, or to the S3 server that Croft uses; down over HTTP.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3ServerName } from '../../tests/support/s3-servers.ts';
import { BUCKET, SECRET, startS3 } from './croft.ts';
import { beside, client, has, type Peer } from './peers.ts';
import { run, serve } from './processes.ts';

const isHere = has('rclone');
const TRANSFERS = ['--transfers', '16'];

/** The form in which rclone takes a password on its command line. */
function obscured(password: string): string {
  return spawnSync('rclone', ['obscure', password], { encoding: 'utf8' }).stdout.trim();
}

export function rcloneUp(folder: string): Peer | null {
  if (!isHere) return null;
  const start = async (home: string, port: number) => {
    await mkdir(join(home, 'up'));
    return serve('rclone', ['serve', 'sftp', '--no-auth', '--addr', `127.0.0.1:${port}`, join(home, 'up')]);
  };
  return (work) =>
    beside(work, start, (_home, port) => {
      const to = `:sftp,host=127.0.0.1,port=${port},user=bench,pass=${obscured('any')},disable_hashcheck=true:`;
      return client('rclone', 'copy', ...TRANSFERS, folder, to);
    });
}

export function rcloneDown(folder: string): Peer | null {
  if (!isHere) return null;
  const start = (_home: string, port: number) =>
    serve('rclone', ['serve', 'http', '--addr', `127.0.0.1:${port}`, folder]);
  return (work) =>
    beside(work, start, (home, port) =>
      client('rclone', 'copy', ...TRANSFERS, `:http,url="http://127.0.0.1:${port}":`, join(home, 'down')),
    );
}

/** An object for each file, in the same server that Croft is measured with. */
export function rcloneS3Up(folder: string, name: S3ServerName): Peer | null {
  if (!isHere) return null;
  return async (work) => {
    const home = await mkdtemp(join(work, 'rclone-'));
    const { server, endpoint } = await startS3(name, home);
    try {
      const key = `access_key_id=bench,secret_access_key=${SECRET}`;
      const to = `:s3,provider=Other,${key},endpoint="${endpoint}",no_check_bucket=true:${BUCKET}/files`;
      // rclone ends at once where this variable names certificates, which an http address has no use for.
      const env = { AWS_CA_BUNDLE: '' };
      const { seconds, cost } = await run('rclone', ['copy', ...TRANSFERS, folder, to], env);
      return { seconds, client: cost, server: await server.stop() };
    } finally {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    }
  };
}
