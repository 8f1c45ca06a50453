/** What others make of the same files. Each gives null where its programs are not installed. */
import { spawnSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, listening, run, type Server, serve, type Taken } from './processes.ts';
import { LONG_NAME } from './sources.ts';

export type Peer = (work: string) => Promise<Taken>;

/** Whether all of the programs are installed. */
export function has(...programs: string[]): boolean {
  return programs.every(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined,
  );
}
const HAS = {
  nginx: spawnSync('nginx', ['-v'], { stdio: 'ignore' }).error === undefined && has('curl'),
  rsync: has('rsync'),
};

/** Runs `action` with a folder of its own and a server on it; its cost and the server's. */
export async function beside(
  work: string,
  start: (home: string, port: number) => Promise<Server>,
  action: (home: string, port: number, server: Server) => Promise<Omit<Taken, 'server'>>,
): Promise<Taken> {
  const home = await mkdtemp(join(work, 'peer-'));
  const port = await freePort();
  const server = await start(home, port);
  try {
    await listening(port);
    const taken = await action(home, port, server);
    return { ...taken, server: await server.stop() };
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
}

export async function client(program: string, ...args: string[]): Promise<Omit<Taken, 'server'>> {
  const { seconds, cost } = await run(program, args);
  return { seconds, client: cost };
}

export async function nginx(home: string, port: number): Promise<Server> {
  await mkdir(join(home, 'dav'));
  const conf = `user root; daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log; events {}
    http { access_log off; sendfile on; client_max_body_size 0; client_body_temp_path ${home}/body; server {
    listen 127.0.0.1:${port}; location / { root ${home}/dav; dav_methods PUT; } } }`;
  await writeFile(join(home, 'nginx.conf'), conf);
  return serve('nginx', ['-c', join(home, 'nginx.conf')]);
}

export function curlUp(folder: string): Peer | null {
  if (!HAS.nginx) return null;
  return (work) =>
    beside(work, nginx, (_home, port) =>
      client('curl', '-sf', '-T', join(folder, LONG_NAME), `http://127.0.0.1:${port}/${LONG_NAME}`),
    );
}

export function curlDown(folder: string): Peer | null {
  if (!HAS.nginx) return null;
  return (work) =>
    beside(work, nginx, async (home, port) => {
      await link(join(folder, LONG_NAME), join(home, 'dav', LONG_NAME));
      return client('curl', '-sf', '-o', join(home, 'down'), `http://127.0.0.1:${port}/${LONG_NAME}`);
    });
}

export function rsyncDaemon(from: string | null) {
  return async (home: string, port: number): Promise<Server> => {
    const to = join(home, 'to');
    await mkdir(to);
    const conf = `use chroot = no\nuid = root\ngid = root\n[m]\npath = ${to}\nread only = no\n${from === null ? '' : `[from]\npath = ${from}\n`}`;
    await writeFile(join(home, 'rsyncd.conf'), conf);
    return serve('rsync', [
      '--daemon',
      '--no-detach',
      '--address=127.0.0.1',
      `--port=${port}`,
      `--config=${join(home, 'rsyncd.conf')}`,
    ]);
  };
}

export function rsyncUp(folder: string, ...flags: string[]): Peer | null {
  if (!HAS.rsync) return null;
  return (work) =>
    beside(work, rsyncDaemon(null), (_home, port) =>
      client('rsync', '-a', ...flags, `${folder}/`, `rsync://127.0.0.1:${port}/m/`),
    );
}

export function rsyncDown(folder: string, ...flags: string[]): Peer | null {
  if (!HAS.rsync) return null;
  return (work) =>
    beside(work, rsyncDaemon(folder), (home, port) =>
      client('rsync', '-a', ...flags, `rsync://127.0.0.1:${port}/from/`, join(home, 'down')),
    );
}

/** The second time, when `before` is there already. */
export function rsyncAgain(before: string, after: string, ...flags: string[]): Peer | null {
  if (!HAS.rsync) return null;
  return (work) =>
    beside(work, rsyncDaemon(null), async (_home, port, server) => {
      const to = `rsync://127.0.0.1:${port}/m/`;
      await client('rsync', '-a', '-W', `${before}/`, to);
      await server.mark();
      return client('rsync', '-a', ...flags, `${after}/`, to);
    });
}
