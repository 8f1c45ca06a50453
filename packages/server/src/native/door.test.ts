import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { sha256Hex, signNative } from '@croft/contract/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCESS_ID,
  ACCOUNT,
  aFrame,
  aNode,
  aTask,
  OTHER_TASK,
  SECRET,
  SIGN_IN_CODE,
} from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { openApiDocument } from './openapi.ts';

let test: TestServer;
const picture = new TextEncoder().encode('<svg onload="alert(1)">');
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask());
  test.farm.frames.push(aFrame());
  test.farm.nodes.push(aNode());
  const id = await test.store(picture);
  for (const path of ['/19097_cube/0001.png', '/19097_cube/Bild "ä".svg', '/20000_other/0001.png', '/shot']) {
    test.farm.entries.push({ path, id, size: picture.length, mtimeMs: 0 });
  }
});
afterAll(() => test.close());

/** A request signed by the test key. */
async function signed(
  method: string,
  target: string,
  options: { body?: string; sentBody?: string; secret?: string; nonce?: string; at?: number } = {},
) {
  const headers = signNative({
    method,
    host: `127.0.0.1:${test.server.port}`,
    target,
    accessId: ACCESS_ID,
    secret: options.secret ?? SECRET,
    timestampSeconds: options.at ?? Math.floor(Date.now() / 1000),
    nonce: options.nonce ?? randomUUID(),
    bodySha256: sha256Hex(options.body ?? ''),
  });
  const body = options.sentBody ?? options.body;
  return fetch(`${test.server.url}${target}`, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** A request with any Host header, which fetch does not allow. */
function withHost(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ port: test.server.port, host: '127.0.0.1', path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe('signed callers', () => {
  it('read tasks, frames, results, nodes with exactly the documented fields', async () => {
    const tasks = (await (await signed('GET', '/api/v1/tasks?page=1&size=5')).json()) as { items: object[] };
    expect(tasks).toMatchObject({ total: 1, page: 1, size: 5 });
    expect(tasks.items[0]).not.toHaveProperty('isDeleted');
    const frames = (await (await signed('GET', '/api/v1/tasks/19097/frames')).json()) as { items: object[] };
    expect(frames.items[0]).toMatchObject({ id: 4097 });
    expect(frames.items[0]).not.toHaveProperty('peakMemoryBytes');
    for (const path of ['/tasks/19097', '/tasks/19097/results', '/nodes', '/tasks/19097/log?frame=4097']) {
      expect((await signed('GET', `/api/v1${path}`)).status, path).toBe(200);
    }
  });

  it('are refused with a wrong secret, an old time, a used nonce, another body', async () => {
    expect(await codeOf(await signed('GET', '/api/v1/nodes', { secret: 'x' }))).toBe('SIGNATURE_INVALID');
    const old = Math.floor(Date.now() / 1000) - 3600;
    expect(await codeOf(await signed('GET', '/api/v1/nodes', { at: old }))).toBe('SIGNATURE_EXPIRED');
    const nonce = randomUUID();
    const at = Math.floor(Date.now() / 1000);
    expect((await signed('GET', '/api/v1/nodes', { nonce, at })).status).toBe(200);
    expect(await codeOf(await signed('GET', '/api/v1/nodes', { nonce, at }))).toBe('SIGNATURE_REPLAYED');
    const changed = await signed('POST', '/api/v1/keys', { body: '{"name":"a"}', sentBody: '{"name":"b"}' });
    expect(await codeOf(changed)).toBe('SIGNATURE_INVALID');
  });

  it('make keys and node codes', async () => {
    const key = await signed('POST', '/api/v1/keys', { body: '{"name":"laptop"}' });
    expect(await key.json()).toEqual({
      accessId: 'AKnew',
      accessKey: 'new-secret',
      accountId: ACCOUNT.accountId,
    });
    expect(key.headers.get('cache-control')).toBe('no-store');
    expect((await signed('POST', '/api/v1/node-codes', { body: '{}' })).status).toBe(200);
    expect((await signed('POST', '/api/v1/keys', { body: '{}' })).status).toBe(400);
    expect((await signed('POST', '/api/v1/keys', { body: '{' })).status).toBe(400);
  });

  it('get 404 for what is not there, 403 for what is not theirs, 400 for nonsense', async () => {
    expect((await signed('GET', '/api/v1/tasks/1')).status).toBe(404);
    expect((await signed('GET', `/api/v1/tasks/${OTHER_TASK}`)).status).toBe(403);
    expect((await signed('GET', '/api/v1/tasks/x')).status).toBe(400);
    expect((await signed('GET', '/api/v1/tasks?size=100000')).status).toBe(400);
    expect((await signed('GET', '/api/v1/nothing')).status).toBe(404);
    expect((await fetch(`${test.server.url}/api/v1/tasks`)).status).toBe(401);
  });
});

describe('result files', () => {
  const file = (path: string, more = '') =>
    signed('GET', `/api/v1/tasks/19097/results/file?path=${encodeURIComponent(path)}${more}`);

  it('come as downloads that run nothing', async () => {
    const response = await file('/Bild "ä".svg', '&inline=1');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(picture);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="Bild ___.svg"; filename*=UTF-8''Bild%20%22%C3%A4%22.svg`.replace('_____', '___'),
    );
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect((await file('/0001.png', '&inline=1')).headers.get('content-type')).toBe('image/png');
  });

  it('are listed for one frame, and without the small pictures of the farm', async () => {
    const row = { id: 'sha256-00', size: 1, format: 'png', layer: null, camera: null, width: 1, height: 1 };
    for (const frameId of [1, 2])
      for (const kind of ['main', 'thumbnail'])
        test.farm.results.push({ ...row, frameId, frame: frameId, kind, path: `/${kind}`, publishedAt: 0 });
    const count = async (query: string) => {
      const response = await signed('GET', `/api/v1/tasks/19097/results?${query}`);
      return ((await response.json()) as { total: number }).total;
    };
    expect(await count('')).toBe(4);
    expect(await count('frame=2')).toBe(2);
    expect(await count('frame=2&thumbnails=0')).toBe(1);
    expect(await count('thumbnails=0&size=1')).toBe(2);
  });

  it('are those of the task only', async () => {
    expect((await file('/20000_other/0001.png')).status).toBe(404);
    expect((await file('/none.png')).status).toBe(404);
    for (const path of ['/../20000_other/0001.png', '../../etc/passwd', 'C:x', '/x\u0000']) {
      expect((await file(path)).status, path).toBe(400);
    }
  });

  it('pictures are found by their capability and may be kept', async () => {
    const response = await fetch(`${test.server.url}/files/shot`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const etag = response.headers.get('etag')!;
    expect(
      (await fetch(`${test.server.url}/files/shot`, { headers: { 'if-none-match': etag } })).status,
    ).toBe(304);
    expect((await fetch(`${test.server.url}/files/nothing`)).status).toBe(404);
  });
});

describe('browsers', () => {
  let cookie = '';
  it('sign in with a code that works once, by a page of ours', async () => {
    const signIn = (code: string, csrf = '1') =>
      fetch(`${test.server.url}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-croft-csrf': csrf },
        body: JSON.stringify({ code }),
      });
    expect((await signIn(SIGN_IN_CODE, '')).status).toBe(403);
    const response = await signIn(SIGN_IN_CODE);
    expect(response.status).toBe(200);
    const header = response.headers.get('set-cookie')!;
    expect(header).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    cookie = header.split(';')[0]!;
    expect((await signIn(SIGN_IN_CODE)).status).toBe(403);
    for (let i = 0; i < 9; i++) await signIn('wrong');
    expect((await signIn('wrong')).status).toBe(429);
  });

  it('read with the cookie, change only with the CSRF header', async () => {
    const url = `${test.server.url}/api/v1`;
    expect((await fetch(`${url}/tasks`, { headers: { cookie } })).status).toBe(200);
    const post = (headers: Record<string, string>) =>
      fetch(`${url}/node-codes`, { method: 'POST', headers: { cookie, ...headers }, body: '{}' });
    expect(await codeOf(await post({}))).toBe('NATIVE_CSRF');
    expect((await post({ 'x-croft-csrf': '1' })).status).toBe(200);
  });

  it('are refused under a name that is not ours', async () => {
    expect(await withHost('evil.example', '/api/v1/tasks')).toBe(421);
    expect(await withHost('localhost:1', '/api/v1/tasks')).toBe(401);
    expect(await withHost('[::1]:1', '/api/v1/tasks')).toBe(401);
  });

  it('hear their own events and those of nodes', async () => {
    const stop = new AbortController();
    const response = await fetch(`${test.server.url}/api/v1/events`, {
      headers: { cookie },
      signal: stop.signal,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('retry: 2000\n\n');
    test.outlet.event({ kind: 'task-deleted', taskId: 1 }, 999);
    test.outlet.event({ kind: 'task-deleted', taskId: 2 }, ACCOUNT.accountId);
    test.outlet.event({ kind: 'node', node: aNode() }, null);
    let text = '';
    while (!text.includes('"node"')) text += (await reader.read()).value;
    expect(text).toContain('"taskId":2');
    expect(text).not.toContain('"taskId":1');
    stop.abort();
    await expect.poll(() => test.outlet.listeners).toBe(0);
  });
});

describe('around', () => {
  it('health, readiness, metrics', async () => {
    expect(await (await fetch(`${test.server.url}/healthz`)).text()).toBe('ok\n');
    expect(await (await fetch(`${test.server.url}/readyz`)).text()).toBe('ready\n');
    const metrics = await (await fetch(`${test.server.url}/metrics`)).text();
    expect(metrics).toMatch(/croft_http_answers_total\{door="native",status="200"\} \d+/);
    expect(metrics).toContain('croft_nodes{state="online"} 1');
  });

  it('the OpenAPI document is served, and its committed copy is current', async () => {
    const served = await (await fetch(`${test.server.url}/api/v1/openapi.json`)).json();
    const committed = JSON.parse(await readFile(new URL('../../openapi.json', import.meta.url), 'utf8'));
    expect(served).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    expect(committed).toEqual(served);
  });

  it('the transfer door asks who it is', async () => {
    expect((await fetch(`${test.server.url}/transfer/v1/trees/input`)).status).toBe(401);
    const bearer = { headers: { authorization: 'Bearer nonsense' } };
    expect((await fetch(`${test.server.url}/transfer/v1/attempts/inputs`, bearer)).status).toBe(401);
    expect((await signed('GET', '/transfer/v1/trees/output')).status).toBe(200);
  });
});
