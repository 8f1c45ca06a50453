/** Reverse proxies that show a farm below a path and take that path away: nginx as docs/reverse-proxy.md configures it, and one of ours. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { atEnd, temporaryFolder } from './cleanup.ts';
import { eventually } from './croft.ts';
import { projectRoot } from './tools.ts';

export const PREFIX = '/render/croft';
export const hasNginx = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;

/** nginx with the location of the documentation. Gives the address below which the farm is. */
export async function nginxBefore(farmUrl: string): Promise<string> {
  const home = temporaryFolder();
  const port = await freePort();
  const documented = /```nginx\n([\s\S]*?)```/.exec(
    readFileSync(join(projectRoot, 'docs', 'reverse-proxy.md'), 'utf8'),
  )![1]!;
  const location = documented
    .replaceAll('http://127.0.0.1:8420', farmUrl)
    .replaceAll('/croft', PREFIX)
    .replace(/listen .*;/, `listen 127.0.0.1:${port};`)
    .replace(/^\s*(ssl_|server_name ).*\n/gm, '');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${home}/${name};`,
  );
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log; events {}
     http { access_log off; ${temporary.join(' ')} ${location} }`,
  );
  const child = spawn('nginx', ['-e', `${home}/error.log`, '-c', join(home, 'nginx.conf')], {
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  atEnd(async () => {
    child.kill();
    await ended;
  });
  await eventually('nginx listens', () => answers(port));
  return `http://127.0.0.1:${port}${PREFIX}`;
}

/** The same in a few lines, for machines without nginx. */
export async function smallProxyBefore(farmUrl: string): Promise<string> {
  const farm = new URL(farmUrl);
  const forwarded = ({ method, headers, url = '' }: IncomingMessage) =>
    request({
      host: farm.hostname,
      port: farm.port,
      method,
      path: url.slice(PREFIX.length),
      headers: { ...headers, 'x-forwarded-prefix': PREFIX, 'x-forwarded-proto': 'http' },
    });
  const isBelow = ({ url }: IncomingMessage) => url?.startsWith(`${PREFIX}/`) === true;
  const server = createServer((asked, reply) => {
    if (!isBelow(asked)) return void reply.writeHead(404).end('<html>another site</html>');
    const onward = forwarded(asked);
    onward.on('response', (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    onward.on('error', () => reply.destroy());
    asked.pipe(onward);
  });
  server.on('upgrade', (asked, socket) => {
    const onward = forwarded(asked);
    onward.on('upgrade', (answer, farmSocket) => {
      const { rawHeaders } = answer;
      const lines = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [],
      );
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      farmSocket.pipe(socket).pipe(farmSocket);
      for (const [one, other] of [
        [socket, farmSocket],
        [farmSocket, socket],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    onward.on('error', () => socket.destroy());
    onward.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
