/** The local service of the engine raysyncproxy, asked as rayvision_sync asks it, against a real farm. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { type Clock, type Log, silentLog, systemClock } from '@croft/contract';
import { farmSession, RAYSYNC_SERVICE_PATH, RayvisionAPI, startRaysyncService } from '@croft/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, outcomeOf, temporaryFolder } from './support/croft.ts';
import { startServer } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';

type Json = Record<string, unknown>;
type Service = Awaited<ReturnType<typeof startRaysyncService>>;

let folder: string;
let service: Service;
let address: { host: string; port: number };
let ids: { config: string; input: string; output: string };
let user: { id: number; name: string; key: string };

beforeAll(async () => {
  folder = temporaryFolder();
  const farm = await startServer();
  const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', farm.home);
  const { hostname, port, host } = new URL(farm.url);
  address = { host: hostname, port: Number(port) };
  const session = farmSession({ ...key, url: farm.url });
  ids = await session.api.user.storageIds();
  await session.close();
  const api = new RayvisionAPI({ ...key, domain: host, protocol: 'http', platform: '2', logger: silentLog });
  const { raySyncUserKey, id, userName } = (await api.query.getRaysyncUserKey()) as Json;
  user = { id: Number(id), name: String(userName), key: String(raySyncUserKey) };
  service = await open();
});
afterAll(() => service.close());
/** Why transfers failed, in the service's own words. */
const warnings: string[] = [];
const log: Log = {
  ...silentLog,
  warn: (facts, text) => void warnings.push(`${text}: ${(facts as { err?: Error }).err?.stack}`),
};
/** Milliseconds that the service's clock is ahead. */
let aheadMs = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
const open = () => startRaysyncService(0, { version: '0', clock, log, scheme: 'http' });

interface Asked {
  method?: string;
  target?: string;
  headers?: Record<string, string>;
  text?: string;
}

function ask(path: string, { method = 'POST', target, headers = {}, text = '{}' }: Asked = {}) {
  return new Promise<{ headers: IncomingHttpHeaders; body: Json }>((done, fail) => {
    const call = request(
      {
        host: '127.0.0.1',
        port: service.port,
        method,
        path: target ?? `http://127.0.0.1:${service.port}${path}`,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (reply) => {
        let said = '';
        reply.on('data', (chunk) => {
          said += chunk;
        });
        reply.on('end', () => done({ headers: reply.headers, body: JSON.parse(said) as Json }));
      },
    );
    call.on('error', fail);
    call.end(method === 'GET' ? undefined : text);
  });
}

async function post(path: string, body: Json = {}): Promise<Json> {
  return (await ask(path, { text: JSON.stringify(body) })).body;
}

/** The body of create-task with storage ids as the numbers that Python writes. */
async function create(bid: string, over: Json): Promise<string> {
  const facts = {
    'task-name': 'x',
    'server-ip': address.host,
    'proxy-port': address.port,
    'protocol-type': 'default',
    account: user.name,
    password: `${user.key}&1&2&12345678`,
    'enable-verify-hash': false,
    ...over,
  };
  const text = JSON.stringify(facts).replace(/^\{/, `{"server-port": ${bid}, "server-ssl-port": ${bid}, `);
  const { body } = await ask('/create-task', { text });
  expect(body).toMatchObject({ code: 0, 'task-id': expect.any(String) });
  return body['task-id'] as string;
}

async function statusOf(id: string): Promise<Json> {
  const reply = await post('/get-task-status', { 'task-id': id });
  return (reply['task-list'] as Json[])[0]!;
}

const ended = (id: string): Promise<Json> =>
  eventually<Json>('the task ends', async () => {
    const status = await statusOf(id);
    if (status['task-state'] === 'start' || status['task-state'] === 'ready') return null;
    const faults = await post('/get-file-list', { 'task-id': id, 'list-type': 'error', 'page-size': 10 });
    return { ...status, faults: faults['file-list'] };
  });

const root = (bid: string, kind = 'input') => `/${kind}/${bid}-${user.id}`;

function listOf(name: string, ...lines: (readonly [local: string, server: string])[]): string {
  const file = join(folder, name);
  writeFileSync(file, lines.map(([local, server]) => `local:"${local}" server:"${server}"\n`).join(''));
  return file;
}

function local(name: string, bytes: string | Buffer): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

describe('the raysync service', () => {
  it('takes both forms of request lines, and says what it is', async () => {
    expect((await ask('/check-raysync-http')).body).toEqual({ code: 0, message: 'success' });
    expect((await ask('', { target: '/check-raysync-http' })).body.code).toBe(0);
    expect(
      await post('/set-transmission-parameters', {
        'max-upload-speed': 1048576,
        'max-download-speed': 1,
        mss: 1200,
      }),
    ).toMatchObject({ code: 0 });
    expect(
      await post('/set-transmission-parameters', {
        'max-upload-speed': 1048576,
        'max-download-speed': 1048576,
      }),
    ).toMatchObject({ code: 0 });
    expect(await post('/set-task-limit', { upload: 3, download: 10 })).toMatchObject({ code: 0 });
    expect(await post('/get-task-limit')).toMatchObject({ code: 0, upload: 3, download: 10 });
    expect(await post('/set-task-limit', { upload: 11, download: 1 })).toMatchObject({ code: 400 });
    const proxy = { 'proxy-manager-ip': '', 'proxy-manager-port': 0 };
    expect(await post('/set-proxy-manager', { 'enable-proxy-manager': false, ...proxy })).toMatchObject({
      code: 0,
    });
    expect(await post('/set-proxy-manager', { 'enable-proxy-manager': true, ...proxy })).toMatchObject({
      code: 501,
    });
    expect(await post(RAYSYNC_SERVICE_PATH, { end: true })).toMatchObject({
      service: 'croft',
      ending: false,
      busy: true,
    });
  });

  it('serves no page of a browser, no other host, and no nonsense', async () => {
    const check = '/check-raysync-http';
    const refused = async (asked: Asked, path = check) => (await ask(path, asked)).body;
    expect(await refused({ headers: { 'content-type': 'text/plain' } })).toMatchObject({ code: 403 });
    expect(await refused({ headers: { origin: 'http://evil.example' } })).toMatchObject({ code: 403 });
    expect(await refused({ headers: { host: 'evil.example' } })).toMatchObject({ code: 403 });
    expect(await refused({ target: `http://evil.example${check}` })).toMatchObject({ code: 403 });
    expect(await refused({ method: 'GET' })).toMatchObject({ code: 403 });
    for (const text of ['', '{', '[', 'nonsense', '{"a":{"b":{"c":{"d":{"e":1}}}}}'])
      expect(await refused({ text })).toMatchObject({ code: 400 });
    expect(await refused({ text: `"${'x'.repeat(2 ** 20)}"` })).toMatchObject({ code: 413 });
    expect(await refused({}, '/constructor')).toMatchObject({ code: 404 });
    for (const path of ['/create-task', '/start-task', '/get-task-status', '/get-file-list'])
      expect(await post(path, { 'task-id': 7 })).toMatchObject({
        code: expect.any(Number),
        message: expect.stringMatching(/./),
      });
    expect((await post('/get-task-status', { 'task-id': 'none' })).code).toBe(404);
  });

  it('sends files and lists, brings them back, and never lets a storage id lose its last digits', async () => {
    const one = local('one.txt', 'one');
    const config = await create(ids.input, {
      'task-type': 'upload',
      'source-path': one,
      'target-path': `${root(ids.config)}/7/cfg`,
    });
    expect(await ended(config)).toMatchObject({ 'task-state': 'successful', 'file-max': 1, 'file-pos': 1 });
    mkdirSync(join(folder, 'tree', 'in'), { recursive: true });
    const deep = local('tree/in/deep.txt', 'deep');
    const tree = await create(ids.input, {
      'task-type': 'upload',
      'source-path': join(folder, 'tree'),
      'target-path': `${root(ids.input)}/all`,
    });
    const list = listOf(
      'list.json',
      [one, `${root(ids.input)}/all/a "b" 红.txt`],
      [deep, `${root(ids.input)}/all/../all/x.txt`.replace('/all/..', '')],
    );
    const listed = await create(ids.input, { 'task-type': 'upload-list', 'file-list': list });
    const empty = await create(ids.input, { 'task-type': 'upload-list', 'file-list': listOf('empty.json') });
    for (const id of [tree, listed, empty])
      expect(await ended(id)).toMatchObject({ 'task-state': 'successful', 'task-type': 'upload' });
    const down = (name: string, remote: string, over: Json = {}) =>
      create(ids.input, {
        'task-type': 'download',
        'source-path': `${root(ids.input)}/${remote}`,
        'target-path': join(folder, name),
        ...over,
      });
    for (const id of [
      await down('with', 'all'),
      await down('without', 'all/'),
      await down('file', 'all/tree/in/deep.txt'),
    ])
      expect(await ended(id), warnings.join('\n')).toMatchObject({
        'task-state': 'successful',
        faults: null,
      });
    const all = ['a "b" 红.txt', 'tree/in/deep.txt', 'x.txt'];
    expect(filesBelow(join(folder, 'without'))).toEqual(all);
    expect(filesBelow(join(folder, 'with', 'all'))).toEqual(all);
    expect(readFileSync(join(folder, 'file', 'deep.txt'), 'utf8')).toBe('deep');
  });

  it('says which files failed, tries them when told to, and gives up where only this machine can help', async () => {
    const list = listOf(
      'faulty.json',
      [local('good.txt', 'good'), `${root(ids.input)}/faulty/good.txt`],
      [join(folder, 'gone.txt'), `${root(ids.input)}/faulty/gone.txt`],
      [join(folder, 'good.txt'), `${root(ids.input)}/../../etc/x`],
      [join(folder, 'good.txt'), `${root(ids.output)}/elsewhere.txt`],
    );
    const id = await create(ids.input, { 'task-type': 'upload-list', 'file-list': list });
    expect(await ended(id)).toMatchObject({ 'task-state': 'failed', 'file-max': 4, 'file-pos': 1 });
    const page = { 'task-id': id, 'list-type': 'error', 'page-size': 2, 'page-number': 1 };
    const faults = (await post('/get-file-list', page))['file-list'] as Json[];
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatchObject({
      'local-path': join(folder, 'gone.txt'),
      'error-code': expect.any(Number),
    });
    expect((await post('/get-file-list', { ...page, 'page-number': 2 }))['file-list']).toHaveLength(1);
    for (let starts = 2; starts <= 12; starts++) {
      expect(await post('/start-task', { 'task-id': id })).toMatchObject({ code: 0 });
      expect((await ended(id))['task-state']).toBe(starts < 12 ? 'failed' : 'stopped');
    }
    expect(await post('/start-task', { 'task-id': id })).toMatchObject({ code: 409 });
    const again = await create(ids.input, { 'task-type': 'upload-list', 'file-list': list });
    await ended(again);
    writeFileSync(list, `local:"${join(folder, 'good.txt')}" server:"${root(ids.input)}/faulty/good.txt"\n`);
    await post('/start-task', { 'task-id': again });
    expect(await ended(again)).toMatchObject({ 'task-state': 'successful', 'file-max': 1 });
    expect((await post('/get-file-list', { ...page, 'task-id': again }))['file-list']).toBeNull();

    const nowhere = await create(ids.input, {
      'task-type': 'download',
      'source-path': `${root(ids.input)}/nowhere`,
      'target-path': join(folder, 'nowhere'),
    });
    expect((await ended(nowhere))['task-state']).toBe('failed');
  });

  it('tells a wrong account, key and storage', async () => {
    const move = { 'task-type': 'upload', 'source-path': local('mine.txt', 'mine') };
    const target = `${root(ids.input)}/wrong`;
    const state = async (over: Json) =>
      (await ended(await create(ids.input, { ...move, 'target-path': target, ...over })))['task-state'];
    expect(await state({ password: `${'0'.repeat(40)}&1&2&12345678` })).toBe('auth-failed');
    expect(await state({ account: 'nobody' })).toBe('auth-failed');
    expect(await state({ account: 'a\r\nb 红', password: 'x y' })).toBe('auth-failed');
    expect(await state({ 'target-path': `/input/${ids.input}-${user.id + 1}/x` })).toBe('no-permission');
    expect(await state({ 'target-path': `/input/123456789012345678-${user.id}/x` })).toBe('no-permission');
    expect(await state({ 'target-path': '/elsewhere/x' })).toBe('failed');
    const results = await create(ids.output, { ...move, 'target-path': `${root(ids.output, 'output')}/x` });
    expect((await ended(results))['task-state']).toBe('no-permission');
    expect(existsSync(join(folder, 'wrong'))).toBe(false);
  });

  it('holds the limits of speed and of tasks at once, and tells how far it is', async () => {
    await post('/set-task-limit', { upload: 1, download: 1 });
    await post('/set-transmission-parameters', { 'max-upload-speed': 2000, 'max-download-speed': 2000 });
    const big = local('big.bin', randomBytes(6_000_000));
    const upload = (name: string) =>
      create(ids.input, {
        'task-type': 'upload',
        'source-path': big,
        'target-path': `${root(ids.input)}/${name}`,
      });
    const startedAt = performance.now();
    const first = await upload('first');
    const second = await upload('second');
    const moving = await eventually('bytes move', async () => {
      const files = (
        await post('/get-file-list', {
          'task-id': first,
          'list-type': 'start',
          'page-size': 10,
          'page-number': 1,
        })
      )['file-list'] as Json[] | null;
      return files !== null && Number(files[0]!.pos) > 0 ? files[0]! : null;
    });
    expect(moving).toMatchObject({ 'local-path': big, size: 6_000_000 });
    expect(Number(moving.pos)).toBeLessThan(6_000_000);
    const all = (await post('/get-task-list', { 'task-group': 'all' }))['task-list'] as Json[];
    const states = all
      .filter((task) => [first, second].includes(task['task-id'] as string))
      .map((task) => task['task-state']);
    expect(states).toEqual(['start', 'ready']);
    expect((await statusOf(first)).speed).toBeGreaterThan(0);
    expect((await ended(first))['task-state']).toBe('successful');
    expect(performance.now() - startedAt).toBeGreaterThan(2000);
    expect((await ended(second))['task-state']).toBe('successful');
  });

  const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const title = 'cuts the connections of other users of the machine';
  it.skipIf(!isRoot)(isRoot ? title : `${title} (skipped: only root can be another user)`, async () => {
    const script = `fetch('http://127.0.0.1:${service.port}/check-raysync-http', { method: 'POST', body: '{}',
      headers: { 'content-type': 'application/json' } }).then(async (reply) => console.log(await reply.text()))`;
    const outcomeAs = (id: number) =>
      outcomeOf(
        spawn(process.execPath, ['-e', script], {
          uid: id,
          gid: id,
          env: { PATH: process.env.PATH, HOME: '/' },
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      );
    expect((await outcomeAs(0)).stdout).toContain('success');
    const nobody = await outcomeAs(65_534);
    expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('fetch failed') });
  });

  it('comes in a package for each system, from the farm, without a signature', async () => {
    for (const name of ['RaysyncCmd.zip', 'RaysyncMac.zip', 'Raysync%20Client.zip']) {
      const reply = await fetch(`http://${address.host}:${address.port}/download/${name}`);
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/zip']);
      const text = Buffer.from(await reply.arrayBuffer()).toString('latin1');
      expect(text.startsWith('PK')).toBe(true);
      expect(text).toMatch(/<port value="2\d{4}"\/>|<port value="3[01]\d{3}"\/>/);
    }
    for (const name of ['none.zip', 'constructor', '..%2fRaysyncCmd.zip'])
      expect((await fetch(`http://${address.host}:${address.port}/download/${name}`)).status).toBe(404);
  });

  it('ends when told to and nobody uses it; one with a task that failed just now waits for its next start', async () => {
    expect(await post(RAYSYNC_SERVICE_PATH, { end: true })).toMatchObject({ busy: true, ending: false });
    await service.close();
    service = await open();
    expect((await ask('/check-raysync-http')).body.code).toBe(0);
    // Nor does it end before its user has been told how a transfer ended: the SDK looks every five seconds.
    const id = await create(ids.input, {
      'task-type': 'upload',
      'source-path': local('last.txt', 'last'),
      'target-path': `${root(ids.input)}/last`,
    });
    await eventually('the transfer ends', async () => {
      const all = (await post('/get-task-list', { 'task-group': 'all' }))['task-list'] as Json[];
      return all.every((task) => task['task-state'] === 'successful');
    });
    aheadMs += 4000;
    expect(await post(RAYSYNC_SERVICE_PATH, { end: true })).toMatchObject({ busy: true, ending: false });
    expect((await statusOf(id))['task-state']).toBe('successful');
    aheadMs += 4000;
    expect(await post(RAYSYNC_SERVICE_PATH, { end: true })).toMatchObject({ busy: false, ending: true });
    await service.ended;
    await expect(ask('/check-raysync-http')).rejects.toThrow('ECONNREFUSED');
  });
});
