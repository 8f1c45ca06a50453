/** Who may come in, from the command line, and what is known of it after the farm was killed. */
import { randomInt, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { signRenderbusHeaders } from '@croft/contract/signing';
import { expect, it } from 'vitest';
import { croft, type Running, startCroft, temporaryFolder } from './support/croft.ts';

const PASSWORD = 'correct horse battery';

interface Farm {
  readonly home: string;
  readonly server: Running;
  readonly url: string;
  json<T>(args: string[], input?: string): Promise<T>;
  call(path: string, body: object): Promise<{ code: number; data: never }>;
}

async function start(home: string, ...more: string[]): Promise<Farm> {
  const server = await startCroft(['server', '--home', home, '--port', '0', ...more]);
  const { url } = server.ready as { url: string };
  const client = JSON.parse(readFileSync(join(home, 'client.json'), 'utf8'));
  return {
    home,
    server,
    url,
    async json(args, input) {
      const outcome = await croft([...args, '--home', home, '--json'], {}, input);
      expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
      return JSON.parse(outcome.stdout);
    },
    async call(path, body) {
      const bodyText = JSON.stringify(body);
      const headers = signRenderbusHeaders({
        domain: new URL(url).host,
        path,
        bodyText,
        accessId: client.accessId,
        secret: client.accessKey,
        platform: '2',
        timestampSeconds: Math.floor(Date.now() / 1000),
        nonce: String(randomInt(100_000, 999_999)),
      });
      return (await fetch(url + path, { method: 'POST', headers, body: bodyText })).json();
    },
  };
}

async function signIn({ url }: Farm, body: object, way = '/password') {
  const response = await fetch(`${url}/api/v1/sessions${way}`, {
    method: 'POST',
    headers: { 'x-croft-csrf': '1' },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...(await response.json()) };
}

it('links, passwords and addresses are set from the command line, also while the farm is down', async () => {
  const farm = await start(join(temporaryFolder(), 'home'));
  const { signInUrl } = await farm.json<{ signInUrl: string }>(['sign-in']);
  expect(signInUrl.startsWith(`${farm.url}/#code=`)).toBe(true);
  const code = { code: signInUrl.split('#code=')[1] };
  expect((await signIn(farm, code, '')).status).toBe(200);
  expect((await signIn(farm, code, '')).status).toBe(403);

  const wish = { account: 'admin', password: PASSWORD };
  expect(await signIn(farm, wish)).toMatchObject({ apiCode: 805 });
  await farm.json(['password'], `${PASSWORD}\n`);
  expect(await signIn(farm, wish)).toMatchObject({ status: 200, accountName: 'admin' });
  const short = await croft(['password', '--home', farm.home], {}, 'short\n');
  expect(short).toMatchObject({ code: 2, stdout: '' });
  expect(short.stderr).not.toContain('short\n');

  const shutOut = await croft(['allow-from', '192.0.2.0/24', '--home', farm.home]);
  expect(shutOut).toMatchObject({ code: 2, stderr: expect.stringContaining('leaves out 127.0.0.1') });
  await farm.server.stop();
  expect(await farm.json(['allow-from', '192.0.2.0/24'])).toEqual({ allow: ['192.0.2.0/24'] });
  const shut = await start(farm.home);
  expect(await signIn(shut, wish)).toMatchObject({ apiCode: 812 });
  await shut.server.stop();
  expect(await farm.json(['allow-from', '--all'])).toEqual({ allow: [] });
  await farm.json(['password'], 'another good one\n');
  const again = await start(farm.home);
  expect(await signIn(again, wish)).toMatchObject({ apiCode: 805 });
  expect(await signIn(again, { ...wish, password: 'another good one' })).toMatchObject({ status: 200 });
});

it('whatever was changed is recorded, also when the farm is killed in the middle', async () => {
  const farm = await start(join(temporaryFolder(), 'home'), '--time-zone', 'Asia/Kathmandu');
  const names = Array.from({ length: 400 }, (_, index) => `project ${index}`);
  const answered: string[] = [];
  const add = (name: string) =>
    farm.call('/api/render/project/add', { newName: name, status: 0 }).then(
      ({ code }) => code === 200 && answered.push(name),
      () => {},
    );
  const adding = Promise.all(names.map(add));
  while (answered.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await farm.server.kill();
  await adding;
  const again = await start(farm.home, '--time-zone', 'Asia/Kathmandu');
  const { data } = await again.call('/api/render/project/list', { flag: 2 });
  const made = (data as { projectNameList: { projectName: string }[] }).projectNameList.map(
    ({ projectName }) => projectName,
  );
  const records = await again.call('/api/render/handle/operate/sdk/taskRecord', {
    pageNum: 1,
    pageSize: 1000,
  });
  const { items } = records.data as { items: Record<string, string>[] };
  const recorded = items.map(({ requestParam }) => JSON.parse(requestParam!).newName);
  expect(made).toEqual(expect.arrayContaining(answered));
  expect(recorded).toEqual(expect.arrayContaining(made));
  const ahead = Date.parse(`${items[0]!.createTime!.replace(' ', 'T')}+05:45`);
  expect(Math.abs(ahead - Date.now())).toBeLessThan(120_000);
});

it('its certificate is shown and renewed; who trusted the old one is told so', async () => {
  const home = join(temporaryFolder(), 'the home');
  const none = await croft(['cert', '--home', home]);
  expect(none).toMatchObject({ code: 8, stdout: '' });
  const farm = await start(home, '--tls-port', '0', '--public-host', 'farm.example');
  const { fingerprint } = farm.server.ready as { fingerprint: string };
  const shown = await farm.json<{ fingerprint: string; names: string[]; certificatePath: string }>(['cert']);
  expect(shown).toMatchObject({ fingerprint });
  expect(shown.names).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', 'farm.example']));
  const old = readFileSync(shown.certificatePath, 'utf8');
  const renewed = await farm.json<{ fingerprint: string; names: string[] }>([
    'cert',
    '--renew',
    '--public-host',
    'new.example',
  ]);
  expect(renewed.fingerprint).not.toBe(fingerprint);
  expect(renewed.names).toEqual([...shown.names, 'new.example']);
  await farm.server.stop();
  const again = await start(home, '--tls-port', '0', '--public-host', 'farm.example');
  expect(again.server.ready).toMatchObject({ fingerprint: renewed.fingerprint });
  const port = new URL((again.server.ready as { tlsUrl: string }).tlsUrl).port;
  const knock = (ca: string) =>
    new Promise<number | string>((resolve) => {
      request({ host: '127.0.0.1', port, path: '/healthz', ca, servername: 'new.example' }, (response) =>
        resolve(response.resume().statusCode ?? 0),
      )
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end();
    });
  const fresh = readFileSync(shown.certificatePath, 'utf8');
  expect(new X509Certificate(fresh).fingerprint256).toBe(renewed.fingerprint);
  expect(await knock(fresh)).toBe(200);
  expect(await knock(old)).toMatch(/SELF_SIGNED|DEPTH_ZERO|VERIFY|certificate/);
});
