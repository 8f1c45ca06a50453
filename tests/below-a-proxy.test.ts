/** A farm below a path of a reverse proxy: every client reaches it there, and none has to know more than the address. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiB, silentLog } from '@croft/contract';
import { RayvisionAPI, RayvisionDownload, RayvisionUpload } from '@croft/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { croft, eventually, startCroft, temporaryFolder } from './support/croft.ts';
import { keyOf, startServer, type TestFarm } from './support/farm.ts';
import { hasNginx, nginxBefore, PREFIX, smallProxyBefore } from './support/prefix-proxy.ts';

const NAMES = ['task', 'tips', 'asset', 'upload'] as const;

let farm: TestFarm;
let program: string;
beforeAll(async () => {
  // No --public-host: what the proxy says of itself is enough.
  farm = await startServer();
  program = (await farm.json<{ path: string }>('transmitter', join(temporaryFolder(), 'program'))).path;
});

describe.each([
  ['nginx', hasNginx ? nginxBefore : null],
  ['a small proxy', smallProxyBefore],
] as const)('behind %s', (_name, proxyBefore) => {
  if (proxyBefore === null) return test.skip('skipped: no nginx here', () => {});
  let url: string;
  beforeAll(async () => {
    url = await proxyBefore(farm.url);
  });

  test('the command line uploads and lists, and a node joins', async () => {
    const { accessId, accessKey } = keyOf(farm);
    const folder = temporaryFolder();
    const file = join(folder, 'long (红).abc');
    writeFileSync(file, Buffer.alloc(18 * MiB, 'moving'));
    const env = { CROFT_HOME: join(folder, 'home'), CROFT_ACCESS_ID: accessId, CROFT_ACCESS_KEY: accessKey };
    const run = (...args: string[]) => croft([...args, '--server', `${url}/`], env);
    expect(await run('upload', file)).toMatchObject({ code: 0 });
    const listed = await run('ls', folder, '--root', 'input', '--json');
    expect(listed.stdout + listed.stderr).toContain('long (红).abc');
    const { stdout } = await run('node-code', '--json');
    const { code } = JSON.parse(stdout) as { code: string };
    const name = `behind ${url}`;
    await startCroft([
      'node',
      '--server',
      url,
      '--code',
      code,
      '--name',
      name,
      '--home',
      join(folder, 'node'),
    ]);
    await eventually('the node is linked', async () => (await run('nodes')).stdout.includes(name));
  });

  test.each(['this process', 'the program'])('the documented SDK moves files by %s', async (by) => {
    const folder = temporaryFolder();
    const cfg = join(folder, 'cfg');
    mkdirSync(cfg);
    const texture = join(folder, 'texture.tx');
    writeFileSync(texture, `by ${by} ${url}`);
    for (const name of NAMES) writeFileSync(join(cfg, `${name}.json`), JSON.stringify({ name }));
    const server = `/D${texture}`;
    writeFileSync(join(cfg, 'upload.json'), JSON.stringify({ asset: [{ local: texture, server }] }));
    const api = new RayvisionAPI({
      ...keyOf(farm),
      domain: url.replace('http://', ''),
      protocol: 'http',
      platform: '2',
      logger: silentLog,
    });
    const environment = { home: join(folder, 'home') } as never;
    const how = { environment, ...(by === 'the program' ? { transmitterExe: program } : {}) };
    const upload = new RayvisionUpload(api, how);
    await upload.uploadAsset(join(cfg, 'upload.json'));
    // The line that the farm told leads below the path as well.
    expect(upload.trans.lineOf('aspera').serverIp).toBe(`127.0.0.1${PREFIX}`);
    const download = new RayvisionDownload(api, how);
    const localPath = join(folder, 'back');
    await download.download({ serverPath: server, asset: true, localPath, downloadFilenameFormat: 'false' });
    expect(readFileSync(join(localPath, 'texture.tx'), 'utf8')).toBe(`by ${by} ${url}`);
  });
});
