/** The doors over the real farm and real blobs: sign in, sign calls, make and fill a task, enrol a node. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { loadApps } from '@croft/dcc';
import { openFarmInProcess } from '@croft/farm';
import { openFsBlobStore } from '@croft/transfer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutlet } from './outlet.ts';
import { type Server, startServer } from './server.ts';
import { type Envelope, signedCall } from './testing/test-server.ts';

let home: string;
let farm: Awaited<ReturnType<typeof openFarmInProcess>>;
let server: Server;
let closeBlobs: () => Promise<void>;
let key: { accessId: string; accessKey: string; accountId: number };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-real-'));
  const blobs = await openFsBlobStore({ home: join(home, 'blobs'), log: silentLog });
  closeBlobs = () => blobs.close();
  const outlet = createOutlet();
  const small = {
    async read(id: Parameters<typeof blobs.read>[0]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await blobs.read(id)).body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async store(bytes: Uint8Array) {
      const { createHash } = await import('node:crypto');
      const id = `sha256-${createHash('sha256').update(bytes).digest('hex')}` as Parameters<
        typeof blobs.read
      >[0];
      async function* body() {
        yield bytes;
      }
      await blobs.put(id, bytes.length, body());
      return { id, size: bytes.length };
    },
  };
  farm = await openFarmInProcess({
    home,
    blobs: small,
    apps: loadApps,
    clock: systemClock,
    log: silentLog,
    outlet,
  });
  server = await startServer({ farm, blobs, outlet, port: 0, log: silentLog, clock: systemClock, home });
  key = await farm.calls.createKey((await farm.calls.firstAccount()).accountId, 'test');
});
afterAll(async () => {
  await server.close();
  await farm.close();
  await closeBlobs();
  await rm(home, { recursive: true, force: true });
});

async function call(path: string, body: unknown = {}): Promise<Envelope> {
  const { headers, bodyText } = signedCall(`127.0.0.1:${server.port}`, path, body, {
    accessId: key.accessId,
    secret: key.accessKey,
  });
  return (await (
    await fetch(`${server.url}${path}`, { method: 'POST', headers, body: bodyText })
  ).json()) as Envelope;
}

describe('the doors over the real farm', () => {
  it('go the SDK way up to a task with its file', async () => {
    const profile = await call('/api/render/setUp/queryUserProfile');
    expect(profile).toMatchObject({ code: 200, data: { userId: key.accountId } });
    const bids = (await call('/api/render/transfer/getBid')).data;
    for (const bid of [bids.config_bid, bids.input_bid, bids.output_bid])
      expect(bid).toMatch(/^[1-9]\d{17}$/);
    expect((await call('/api/render/project/add', { newName: 'P1', status: 0 })).code).toBe(200);
    const projects = (await call('/api/render/project/list', { flag: 2 })).data.projectNameList;
    expect(projects).toEqual([expect.objectContaining({ projectName: 'P1' })]);
    const [taskId] = (await call('/api/render/submit/createTask', { count: 1, taskUserLevel: 50 })).data
      .taskIdList;
    const file = { taskId, fileName: 'task.json', content: '{"task_info": {}}' };
    expect((await call('/api/render/submit/taskJsonFile', file)).code).toBe(200);
    const info = await call('/api/render/handle/queryTaskInfo/v2', { taskIds: [taskId] });
    expect(info.data.items[0]).toMatchObject({ id: taskId, isOpen: 0, bid: bids.output_bid });
    // An empty task.json cannot be rendered, and the API says so instead of failing inside.
    expect([600, 601]).toContain((await call('/api/render/submit/task', { taskId })).code);
    expect((await call('/api/render/handle/deleteTask', { taskIds: [taskId] })).code).toBe(200);
    expect((await call('/api/render/handle/stopTask', { taskIds: [999_999_999] })).code).toBe(404);
  });

  it('let a browser in by a code, once', async () => {
    const code = await farm.calls.createSignInCode(key.accountId);
    const signIn = () =>
      fetch(`${server.url}/api/v1/sessions`, {
        method: 'POST',
        headers: { 'x-croft-csrf': '1' },
        body: JSON.stringify({ code }),
      });
    const response = await signIn();
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
    expect((await fetch(`${server.url}/api/v1/tasks`, { headers: { cookie } })).status).toBe(200);
    expect((await signIn()).status).toBe(403);
  });
});
