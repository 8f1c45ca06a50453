/**
 * Two accounts and sub-accounts at every door, over the real farm: whatever one names of the other is refused, with the same words
 * everywhere, and nothing of it changes or shows. A route or endpoint that nobody put into these tables fails here.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttemptOrder, type BlobId, silentLog, systemClock, type ToNode } from '@croft/contract';
import { sha256Hex, signNative } from '@croft/contract/signing';
import { openFarmInProcess, type PlanningApp } from '@croft/farm';
import { openFsBlobStore } from '@croft/transfer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeRoutes } from './native/routes.ts';
import { createOutlet } from './outlet.ts';
import { loadEndpoints } from './renderbus/registry.ts';
import { type Server, startServer } from './server.ts';
import { type Envelope, signedCall } from './testing/test-server.ts';

type Key = { accessId: string; accessKey: string; accountId: number };

const app: PlanningApp = {
  id: 'blender',
  cgId: 2007,
  name: 'Blender',
  plan: () => ({
    appVersion: '3.4',
    scenePath: '/secret/scene.blend',
    framesRange: '1-2[1]',
    settings: {},
    needs: [],
    segments: [
      {
        stage: 'main',
        frameType: 5,
        framesPerUnit: 1,
        tiles: 1,
        oneAttempt: false,
        pauseAfter: false,
        runs: [{ first: 1, last: 2, step: 1 }],
      },
    ],
  }),
};

let home: string;
let farm: Awaited<ReturnType<typeof openFarmInProcess>>;
let blobs: Awaited<ReturnType<typeof openFsBlobStore>>;
let server: Server;
const outlet = createOutlet();
/** The owner, a main account and administrator. */
let ada: Key;
/** Another main account. */
let eve: Key;
/** A sub-account of ada's that has no rights to her tasks. */
let sam: Key;
/** A sub-account of ada's that may see her tasks, and no more. */
let vic: Key;
let task: {
  id: number;
  frame: number;
  frames: number[];
  capability: string;
  scene: BlobId;
  picture: BlobId;
  output: string;
};
let order: AttemptOrder;
let evesTask: number;

async function store(bytes: Uint8Array): Promise<{ id: BlobId; size: number }> {
  const id = `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
  async function* body() {
    yield bytes;
  }
  await blobs.put(id, bytes.length, body());
  return { id, size: bytes.length };
}

/** A key of a new account: a main account, or a sub-account of `mainAccountId`. */
async function newAccount(name: string, mainAccountId: number): Promise<Key> {
  const { calls } = farm;
  const { accountId } = await calls.createAccount(ada.accountId, { name, mainAccountId });
  return calls.createKey(accountId, name);
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-two-'));
  blobs = await openFsBlobStore({ home: join(home, 'blobs'), log: silentLog });
  const small = {
    async read(id: BlobId) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await blobs.read(id)).body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    store,
  };
  farm = await openFarmInProcess({
    home,
    blobs: small,
    apps: async () => [app],
    clock: systemClock,
    log: silentLog,
    outlet,
  });
  server = await startServer({ farm, blobs, outlet, port: 0, log: silentLog, clock: systemClock, home });
  const { calls } = farm;
  ada = await calls.createKey((await calls.firstAccount()).accountId, 'ada');
  eve = await newAccount('eve', 0);
  sam = await newAccount('sam', ada.accountId);
  vic = await newAccount('vic', ada.accountId);
  const right = { memberId: vic.accountId, ownerId: ada.accountId, control: false, download: false };
  await calls.setTeamRight(ada.accountId, { ...right, see: true });

  const scene = await store(Buffer.from('a secret scene'));
  await calls.blobsArrived(ada.accountId, [scene]);
  const input = { accountId: ada.accountId, root: 'input' } as const;
  await calls.commitTree(input, [{ path: '/secret/scene.blend', ...scene, mtimeMs: 1 }]);
  const [id] = await calls.createTasks(ada.accountId, { count: 1, userLevel: 50 });
  await calls.putTaskFile(ada.accountId, id!, 'task.json', '{"task_info": {"cg_id": "2007"}}');
  await calls.submitTask(ada.accountId, id!, {});
  order = await orderOf(id!);
  const picture = await store(Buffer.from('a secret picture'));
  await calls.blobsArrived(ada.accountId, [picture]);
  const facts = { mtimeMs: 1, frame: 1, format: 'png', width: 1, height: 1, layer: null, camera: null };
  await calls.nodeReport(await nodeId(), {
    kind: 'frame-done',
    attemptId: order.attemptId,
    frameId: order.frames[0]!.frameId,
    startedAt: 1,
    endedAt: 2,
    peakMemoryBytes: null,
    results: [
      { ...facts, path: '/0001.png', ...picture, kind: 'main', of: null },
      { ...facts, path: '/0001.jpg', ...picture, format: 'jpeg', kind: 'thumbnail', of: '/0001.png' },
    ],
  });
  const { items } = await farm.reads.frames(ada.accountId, id!, { page: 1, size: 10 });
  task = {
    id: id!,
    frame: items[0]!.id,
    frames: items.map((frame) => frame.id),
    capability: items[0]!.thumbnail!,
    scene: scene.id,
    picture: picture.id,
    output: (await farm.reads.task(ada.accountId, id!)).outputName!,
  };
  [evesTask] = (await calls.createTasks(eve.accountId, { count: 1, userLevel: 50 })) as [number];
});
afterAll(async () => {
  await server.close();
  await farm.close();
  await blobs.close();
  await rm(home, { recursive: true, force: true });
});

const nodeId = async () => (await farm.reads.nodes())[0]!.id;

/** Lets a node in and waits for the order of the task. */
async function orderOf(taskId: number): Promise<AttemptOrder> {
  const { code } = await farm.calls.createNodeCode(ada.accountId);
  const node = await farm.calls.enrolNode(code, 'node', randomBytes(32).toString('base64'));
  const ordered = new Promise<AttemptOrder>((resolve) => {
    const send = (message: ToNode) => {
      if (message.type === 'run' && message.order.taskId === taskId) resolve(message.order);
    };
    outlet.attach(node.nodeId, { send, replaced() {} });
  });
  const facts = {
    name: 'node',
    os: 'linux' as const,
    arch: 'x64',
    version: '1',
    cpuModel: 'test',
    cpuThreads: 1,
    memoryBytes: 1,
    gpus: [],
    diskFreeBytes: 1,
    slots: 1,
    apps: [{ app: 'blender', version: '3.4.1', abilities: [] }],
  };
  await farm.calls.nodeConnected(node.nodeId, facts, [], false);
  return ordered;
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A request of the native API or the transfer door, signed by the key where there is one. */
async function ask(key: Key | null, target: string, { method = 'GET', body, headers }: Asked = {}) {
  const signed =
    key === null
      ? {}
      : signNative({
          method,
          host: `127.0.0.1:${server.port}`,
          target,
          accessId: key.accessId,
          secret: key.accessKey,
          timestampSeconds: Math.floor(Date.now() / 1000),
          nonce: randomBytes(12).toString('hex'),
          bodySha256: sha256Hex(body ?? ''),
        });
  const response = await fetch(`${server.url}${target}`, {
    method,
    headers: { ...signed, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}

async function call(key: Key, path: string, body: unknown): Promise<Envelope> {
  const { headers, bodyText } = signedCall(`127.0.0.1:${server.port}`, path, body, {
    accessId: key.accessId,
    secret: key.accessKey,
  });
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: bodyText });
  return (await response.json()) as Envelope;
}

/** All that ada can see of her task. */
async function whatAdaSees(): Promise<string> {
  const { reads } = farm;
  return JSON.stringify([
    await reads.task(ada.accountId, task.id),
    await reads.frames(ada.accountId, task.id, { page: 1, size: 10 }),
    await reads.results(ada.accountId, task.id, 1, 10),
    await farm.calls.listProjects(ada.accountId),
    await farm.calls.profile(ada.accountId),
  ]);
}

const SECRET = /secret|0001\.|scene\.blend/;

describe('native API', () => {
  const UNNAMED = ['/tasks', '/nodes', '/events', '/node-codes', '/platforms', '/catalogue'];
  /** Routes about accounts and keys: shown below for each of them. */
  const ACCOUNTS = [
    '/accounts',
    '/accounts/team',
    '/accounts/{accountId}',
    '/accounts/{accountId}/disable',
    '/accounts/{accountId}/enable',
    '/accounts/{accountId}/delete',
    '/keys',
    '/keys/{accessId}/rotate',
    '/keys/{accessId}/disable',
    '/assets/delete',
  ];
  /** About the caller's own account, or about one that only administrators and main accounts may name. */
  const SIGN_IN = [
    '/sessions',
    '/sessions/password',
    '/session',
    '/session/end',
    '/sessions/end-others',
    '/sessions/{session}/end',
    '/password',
    '/sign-in-codes',
    '/address-rule',
    '/records/operations',
    '/records/sign-ins',
  ];
  /** About the caller's own render environments. */
  const ENVS = ['', '/change', '/delete', '/default'].map((end) => `/render-envs${end}`);
  /** Routes about money, with a body that an administrator may send: shown below for each of them. */
  const MONEY: Record<string, object> = {
    '/money/prices': { platform: 0, machine: '', model: '', per: 'node-hour', amount: '0' },
    '/money/prices/{priceId}/remove': {},
    '/money/currency': { currency: 'EUR' },
    '/money/accounts/{accountId}': {},
    '/money/accounts/{accountId}/statement': {},
    '/money/accounts/{accountId}/top-up': { amount: '5' },
    '/money/accounts/{accountId}/pay-out': { amount: '1' },
    '/money/accounts/{accountId}/credit': { amount: '2' },
    '/money/accounts/{accountId}/limit': { amount: null },
    '/money/accounts/{accountId}/vouchers': { amount: '3' },
    '/money/accounts/{accountId}/packages': {
      name: 'film',
      paid: '1',
      covers: { kind: 'project', project: 'film', amount: '1' },
    },
    '/money/vouchers/{thingId}/end': {},
    '/money/packages/{thingId}/end': {},
    '/money/frames/{frameId}/refund': {},
  };
  /** What is stored, and reading all of it: shown below. */
  const STORED = ['/files', '/scrub'];
  const queryOf: Record<string, (frame: number) => string> = {
    '/tasks/{id}/log': (frame) => `?frame=${frame}`,
    '/tasks/{id}/results/file': () => '?path=/0001.png',
  };
  const bodyOf: Record<string, object> = {
    '/tasks/{id}/hardware': { ids: [301] },
    '/tasks/{id}/limit': { nodes: 1 },
    '/tasks/{id}/time-limit': { seconds: 1 },
    '/tasks/{id}/level': { level: 1 },
    '/tasks/{id}/labels': { name: 'mine' },
    '/tasks/{id}/labels/remove': { name: 'hers' },
  };

  it('names a task in every route but the known ones', () => {
    const unnamed = nativeRoutes.filter(({ path }) => !path.includes('{id}')).map(({ path }) => path);
    expect([...new Set(unnamed)].sort()).toEqual(
      [...UNNAMED, ...ACCOUNTS, ...Object.keys(MONEY), ...SIGN_IN, ...ENVS, ...STORED].sort(),
    );
  });

  it.each(nativeRoutes.filter(({ path }) => path.includes('{id}')).map(({ method, path }) => [method, path]))(
    '%s %s is closed to others',
    async (method, path) => {
      const before = await whatAdaSees();
      const sent = bodyOf[path] === undefined ? { method } : { method, body: JSON.stringify(bodyOf[path]) };
      const target = (id: number, frame = task.frame) =>
        `/api/v1${path.replace('{id}', String(id))}${queryOf[path]?.(frame) ?? ''}`;
      for (const stranger of [eve, sam]) {
        const foreign = await ask(stranger, target(task.id), sent);
        expect(foreign.status).toBe(403);
        expect(foreign.text).toContain('FARM_NOT_YOURS');
        expect(foreign.text).not.toMatch(SECRET);
      }
      // Who may see it only: looks are answered, changes and downloads are not.
      const isLook = method === 'GET' && !path.endsWith('/file');
      expect([path, (await ask(vic, target(task.id), sent)).status]).toEqual([path, isLook ? 200 : 403]);
      expect((await ask(eve, target(999_999_999), sent)).status).toBe(404);
      expect((await ask(null, target(task.id), sent)).status).toBe(401);
      expect((await ask(eve, target(evesTask, task.frame), sent)).text).not.toMatch(/secret|scene\.blend/);
      expect(await whatAdaSees()).toBe(before);
    },
  );

  it('render environments are changed by their account only', async () => {
    const wish = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', editName: 'hidden' };
    const post = (key: Key, end: string, body: object) =>
      ask(key, `/api/v1/render-envs${end}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await post(ada, '', wish)).status).toBe(200);
    expect((await ask(ada, '/api/v1/render-envs')).text).toContain('hidden');
    // A sub-account uses those of its main account, and changes none of them.
    expect((await ask(sam, '/api/v1/render-envs')).text).toContain('hidden');
    expect((await ask(eve, '/api/v1/render-envs')).text).toBe('[]');
    for (const end of ['/change', '/delete', '/default'])
      expect((await post(eve, end, wish)).status).toBe(404);
    expect((await post(ada, '/delete', { editName: 'hidden' })).status).toBe(200);
  });

  it('accounts and keys of others are closed, those of sub-accounts are the main account’s', async () => {
    const samsKey = await farm.calls.createKey(sam.accountId, 'another');
    const at = (path: string, accountId: number, accessId: string) =>
      `/api/v1${path.replace('{accountId}', String(accountId)).replace('{accessId}', accessId)}`;
    const named = nativeRoutes.filter(({ path }) => ACCOUNTS.includes(path) && path.includes('{'));
    const bodies: Record<string, object> = { '/accounts/{accountId}': { fields: { job: 'artist' } } };
    for (const { method, path } of named) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(bodies[path] ?? {}) };
      const target = at(path, sam.accountId, samsKey.accessId);
      for (const other of [eve, vic]) {
        const refused = await ask(other, target, sent);
        expect([path, refused.status]).toEqual([path, 403]);
        expect(refused.text).toContain('FARM_NOT_YOURS');
      }
      expect((await ask(sam, at(path, ada.accountId, ada.accessId), sent)).status).toBe(403);
      expect((await ask(ada, at(path, 99, 'none'), sent)).status).toBe(404);
      expect((await ask(null, target, sent)).status).toBe(401);
    }
    for (const { method, path } of named.filter(({ path }) => !path.endsWith('/delete'))) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(bodies[path] ?? {}) };
      expect([path, (await ask(ada, at(path, sam.accountId, samsKey.accessId), sent)).status]).toEqual([
        path,
        200,
      ]);
    }
    expect(JSON.parse((await ask(sam, '/api/v1/accounts')).text)).toHaveLength(1);
    expect((await ask(eve, `/api/v1/keys?account=${sam.accountId}`)).status).toBe(403);
    expect((await ask(ada, `/api/v1/keys?account=${sam.accountId}`)).text).not.toMatch(/accessKey|secret/);
    const wish = { memberId: sam.accountId, ownerId: null, see: true, control: true, download: true };
    const asked = { method: 'POST', body: JSON.stringify(wish) };
    expect((await ask(sam, '/api/v1/accounts/team', asked)).status).toBe(403);
    expect((await ask(eve, '/api/v1/accounts/team', asked)).status).toBe(403);
    const made = { method: 'POST', body: JSON.stringify({ name: 'x', mainAccountId: 0 }) };
    for (const key of [eve, sam]) expect((await ask(key, '/api/v1/accounts', made)).status).toBe(403);
  });

  it('money is changed by administrators only, and seen by who it belongs to', async () => {
    const routes = nativeRoutes.filter(({ path }) => Object.hasOwn(MONEY, path));
    const at = (path: string, accountId: number) =>
      `/api/v1${path
        .replace('{accountId}', String(accountId))
        .replace(/\{(thing|price)Id\}/, '1')
        .replace('{frameId}', String(task.frame))}`;
    const standing = async (key: Key, accountId: number) =>
      JSON.parse((await ask(key, at('/money/accounts/{accountId}', accountId))).text);
    const before = await standing(ada, eve.accountId);
    for (const { method, path } of routes) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(MONEY[path]) };
      expect((await ask(null, at(path, eve.accountId), sent)).status).toBe(401);
      if (method === 'GET' && path === '/money/prices') continue;
      // A sub-account of somebody else, and whose money it is: looking at one's own is all they may.
      expect([path, (await ask(sam, at(path, eve.accountId), sent)).status]).toEqual([path, 403]);
      const own = await ask(eve, at(path, eve.accountId), sent);
      expect([path, own.status]).toEqual([path, method === 'GET' ? 200 : 403]);
    }
    expect(await standing(ada, eve.accountId)).toEqual(before);
    // In an order in which each finds what it needs: the currency is said before there are movements.
    const posts = routes.filter(({ method }) => method === 'POST');
    posts.sort((a, b) => Number(b.path === '/money/currency') - Number(a.path === '/money/currency'));
    for (const { path } of posts) {
      const reply = await ask(ada, at(path, eve.accountId), {
        method: 'POST',
        body: JSON.stringify(MONEY[path]),
      });
      // The frame of the test was free: there is nothing to give back.
      expect([path, reply.status]).toEqual([path, path.endsWith('/refund') ? 404 : 200]);
    }
    expect(await standing(eve, eve.accountId)).toMatchObject({
      currency: 'EUR',
      balance: '4.00',
      credit: '2.00',
      vouchers: [{ amount: '3.00', left: '0.00', endedAt: expect.any(Number) }],
      packages: [{ kind: 'project', left: '0.00', endedAt: expect.any(Number) }],
    });
    const wrong = { method: 'POST', body: JSON.stringify({ amount: '1,5' }) };
    expect((await ask(ada, at('/money/accounts/{accountId}/top-up', eve.accountId), wrong)).status).toBe(400);
  });

  it('shows what is stored to its owner and who may download, and scrubs for administrators only', async () => {
    const files = (of: string) => `/api/v1/files?${of}`;
    for (const root of ['input', 'output', 'config']) {
      for (const stranger of [eve, sam, vic]) {
        const shown = await ask(stranger, files(`root=${root}`));
        expect(JSON.parse(shown.text)).toMatchObject({ files: 0, items: [], next: null });
        expect((await ask(stranger, files(`root=${root}&path=/secret`))).status).toBe(404);
      }
      expect(JSON.parse((await ask(ada, files(`root=${root}`))).text).files).toBeGreaterThan(0);
    }
    expect((await ask(ada, files('root=input&path=/secret'))).text).toMatch(SECRET);
    for (const other of [eve, sam, vic]) {
      const refused = await ask(other, files(`task=${task.id}`));
      expect(refused.status).toBe(403);
      expect(refused.text).not.toMatch(SECRET);
    }
    expect((await ask(ada, files(`task=${task.id}`))).text).toMatch(SECRET);
    expect((await ask(null, files('root=input'))).status).toBe(401);
    const scrub = { method: 'POST', body: '{}' };
    for (const other of [eve, sam, vic]) {
      const refused = await ask(other, '/api/v1/scrub', scrub);
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'SCRUB_NOT_ALLOWED']);
    }
    expect((await ask(null, '/api/v1/scrub', scrub)).status).toBe(401);
    const lines = (await ask(ada, '/api/v1/scrub', scrub)).text.trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ kind: 'end' });
  });

  it('lists nothing of others, and lets only administrators have codes for nodes', async () => {
    expect(JSON.parse((await ask(eve, '/api/v1/tasks')).text)).toMatchObject({ total: 0, items: [] });
    const code = await ask(eve, '/api/v1/node-codes', { method: 'POST', body: '{}' });
    expect(code).toMatchObject({ status: 403 });
    const key = await ask(eve, '/api/v1/keys', { method: 'POST', body: '{"name":"x"}' });
    expect(JSON.parse(key.text)).toMatchObject({ accountId: eve.accountId });
  });

  it('tells each account its own events only', async () => {
    const listen = async (key: Key) => {
      const target = '/api/v1/events';
      const headers = signNative({
        method: 'GET',
        host: `127.0.0.1:${server.port}`,
        target,
        accessId: key.accessId,
        secret: key.accessKey,
        timestampSeconds: Math.floor(Date.now() / 1000),
        nonce: randomBytes(12).toString('hex'),
        bodySha256: sha256Hex(''),
      });
      const stop = new AbortController();
      const response = await fetch(`${server.url}${target}`, { headers, signal: stop.signal });
      const heard: string[] = [];
      const reading = (async () => {
        for await (const chunk of response.body!) heard.push(Buffer.from(chunk).toString());
      })().catch(() => {});
      const end = () => {
        stop.abort();
        return reading;
      };
      return { heard, end };
    };
    const [hers, others] = [await listen(ada), await listen(eve)];
    await farm.calls.setUserLevel(ada.accountId, task.id, 60);
    await expect.poll(() => hers.heard.join('')).toContain('"kind":"task"');
    expect(others.heard.join('')).not.toContain('"kind":"task"');
    expect(others.heard.join('')).not.toContain('"kind":"frame"');
    await Promise.all([hers.end(), others.end()]);
  });
});

/** A task that a body names; `beside` are tasks of the caller's own, where a body takes several. */
interface Named {
  readonly id: number;
  readonly frame: number;
  readonly frames: readonly number[];
  readonly beside: readonly number[];
}

describe('Renderbus API', () => {
  const ENV = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', renderSystem: 0, pluginIds: [] };
  /** Endpoints that name tasks or frames, with a body that names the task, some beside one of the caller's own. */
  const bodies: Record<string, (of: Named) => object> = {
    abandonTask: (of) => ({ taskIds: [of.id] }),
    deleteTask: (of) => ({ taskIds: [of.id] }),
    stopTask: (of) => ({ taskIds: [...of.beside, of.id] }),
    startTask: (of) => ({ taskIds: [of.id] }),
    recommitTasks: (of) => ({ taskIds: [of.id], status: [2, 3, 4, 5] }),
    recommitTaskFrames: (of) => ({ ids: of.frames, selectAll: 0 }),
    stopTaskFrames: (of) => ({ taskId: of.id, selectAll: 1 }),
    submitTask: (of) => ({ taskId: of.id }),
    editTaskHardwareConfig: (of) => ({ taskIds: [...of.beside, of.id], hardwareConfigIds: ['301'] }),
    taskJsonFile: (of) => ({ taskId: of.id, fileName: 'task.json', content: '{}' }),
    updateTaskUserLevel: (of) => ({ taskId: of.id, taskUserLevel: 50 }),
    addTaskLabel: (of) => ({ taskIds: [...of.beside, of.id], label: 'mine' }),
    operateUserLabel: (of) => ({ taskId: of.id, status: 0, type: 1, newName: 'mine' }),
    deleteTaskLabel: (of) => ({ taskIds: [of.id], labelNames: ['hers'] }),
    fullSpeedRendering: (of) => ({ taskIds: [of.id] }),
    setTaskOverTimeStop: (of) => ({ taskIds: [of.id], overTime: 1.5 }),
    updateTaskLimit: (of) => ({ taskId: of.id, taskLimit: 1 }),
    queryTaskInfo: (of) => ({ taskIds: [of.id] }),
    queryTaskFrames: (of) => ({ taskId: of.id }),
    loadTaskProcessImg: (of) => ({ taskId: of.id }),
    loadingFrameThumbnail: (of) => ({ id: of.frame }),
    showLog: (of) => ({ id: of.frame, pageNum: 0 }),
    getOutputUserDirFile: (of) => ({ taskId: of.id }),
  };
  /** Endpoints about the caller's own account, or the same for all: what eve gets must hold nothing of ada's. */
  const own: Record<string, object> = {
    createTask: { count: 1 },
    addUserPluginConfig: { ...ENV, editName: 'hers' },
    editUserPluginConfig: { ...ENV, editName: 'hers' },
    setDefaultUserPluginConfig: { editName: 'hers' },
    getUserPluginConfig: {},
    deleteUserPluginConfig: { editName: 'hers' },
    getUserPackNodeInfo: {},
    addProject: { newName: 'P' },
    deleteProject: { delName: 'P' },
    projectList: { flag: 2 },
    projectGetList: {},
    getBid: {},
    getConfig: {},
    getRaySyncUserKey: {},
    getServerInfo: {},
    getTaskList: { searchKeyword: 'scene' },
    hardwareConfigList: {},
    queryAllFrameStats: {},
    queryAnalyseErrorDetail: { code: '10012' },
    queryPlatforms: { zone: 2 },
    querySoftwareDetail: { cgId: 2007 },
    querySoftwareList: {},
    queryUserProfile: {},
    queryUserSetting: {},
    taskRecord: {},
    loginRecord: {},
    updateUserSetting: { taskOverTimeSec: 60 },
  };

  /** What a sub-account is told of its team by right: projects below the main account, and its render environments. */
  const OF_THE_TEAM = ['projectList', 'getUserPluginConfig'];

  it('has no endpoint that these tables miss', async () => {
    const names = new Set([...(await loadEndpoints()).values()].map(({ name }) => name));
    expect([...names].filter((name) => !(name in bodies) && !(name in own))).toEqual([]);
  });

  it('answers 605 to what is foreign and 404 to what never was, and changes neither', async () => {
    const before = await whatAdaSees();
    const named = { ...task, beside: [evesTask] };
    const isCalled: string[] = [];
    for (const [path, { name }] of await loadEndpoints()) {
      const body = bodies[name]?.(named);
      if (!body) continue;
      isCalled.push(name);
      for (const stranger of [eve, sam]) {
        const foreign = await call(stranger, path, body);
        expect([path, foreign.code, foreign.data]).toEqual([path, 605, null]);
        expect(JSON.stringify(foreign)).not.toMatch(SECRET);
      }
      const unknown = JSON.parse(JSON.stringify(body).replaceAll(/\d{6}/g, '999999999')) as object;
      const never =
        'ids' in body || 'id' in body ? { ...unknown, id: 99_999_999, ids: [99_999_999] } : unknown;
      expect([path, (await call(eve, path, never)).code]).toEqual([path, 404]);
    }
    expect(new Set(isCalled).size).toBe(Object.keys(bodies).length);
    expect(await whatAdaSees()).toBe(before);
  });

  it('answers who may see a task but no more: looks yes, changes 605', async () => {
    const before = await whatAdaSees();
    for (const [path, endpoint] of await loadEndpoints()) {
      const body = bodies[endpoint.name]?.({ ...task, beside: [] });
      if (!body) continue;
      const { code } = await call(vic, path, body);
      expect([path, code]).toEqual([path, endpoint.mutates ? 605 : 200]);
    }
    expect(await whatAdaSees()).toBe(before);
    const { data } = await call(vic, '/api/render/handle/queryTaskInfo/v2', { taskIds: [task.id] });
    // The id under which results are fetched comes with the right to download.
    expect(data.items[0]).toMatchObject({ userId: ada.accountId, userName: 'admin', bid: '' });
  });

  it('a main account may use every call with the tasks of its sub-accounts', async () => {
    const { calls, reads } = farm;
    const kim = await newAccount('kim', ada.accountId);
    const scene = await store(Buffer.from('a scene of kim'));
    await calls.blobsArrived(kim.accountId, [scene]);
    const input = { accountId: kim.accountId, root: 'input' } as const;
    await calls.commitTree(input, [{ path: '/secret/scene.blend', ...scene, mtimeMs: 1 }]);
    // What ends a task for good comes last.
    const last = ['abandonTask', 'deleteTask'];
    const all = [...(await loadEndpoints())].sort(
      ([, a], [, b]) => last.indexOf(a.name) - last.indexOf(b.name),
    );
    const [id] = (await calls.createTasks(kim.accountId, { count: 1, userLevel: 50 })) as [number];
    await calls.putTaskFile(kim.accountId, id, 'task.json', '{"task_info": {"cg_id": "2007"}}');
    await calls.submitTask(kim.accountId, id, {});
    const frames = (await reads.frames(kim.accountId, id, { page: 1, size: 10 })).items.map((row) => row.id);
    for (const [path, { name }] of all) {
      const body = bodies[name]?.({ id, frame: frames[0]!, frames, beside: [] });
      if (!body) continue;
      const { code, detail } = await call(ada, path, body);
      expect([path, code, detail]).not.toEqual([path, expect.toBeOneOf([404, 500, 605]), detail]);
    }
    expect((await reads.task(kim.accountId, id)).deletedAt).not.toBeNull();
  });

  it('frames of another account cannot be reached through a task of one’s own', async () => {
    const before = await whatAdaSees();
    for (const path of ['/api/render/handle/recommitTaskFrames', '/api/render/handle/stopTaskFrames']) {
      const reply = await call(eve, path, { taskId: evesTask, ids: task.frames, selectAll: 0 });
      expect([404, 605]).toContain(reply.code);
    }
    expect(await whatAdaSees()).toBe(before);
  });

  it('shows an account its own things only', async () => {
    await farm.calls.addProject(ada.accountId, 'secret film');
    const secretEnv = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', editName: 'secret', osName: 0 };
    await farm.calls.addRenderEnv(ada.accountId, {
      ...secretEnv,
      renderLayerType: 0,
      projectPath: '',
      pluginIds: [],
    });
    const before = await whatAdaSees();
    for (const [path, { name }] of await loadEndpoints()) {
      if (!(name in own)) continue;
      const reply = await call(eve, path, own[name]);
      expect(JSON.stringify(reply.data), path).not.toMatch(SECRET);
      expect(JSON.stringify(reply.data), path).not.toMatch(new RegExp(`\\b${ada.accountId}\\b`));
      if (OF_THE_TEAM.includes(name)) continue;
      expect(JSON.stringify((await call(sam, path, own[name])).data), path).not.toMatch(SECRET);
    }
    for (const stranger of [eve, sam]) {
      const stats = await call(stranger, '/api/render/handle/queryAllFrameStats', {});
      expect(stats.data).toMatchObject({ totalFrames: 0 });
    }
    expect(await whatAdaSees()).toBe(before);
  });
});

describe('transfer door and pictures', () => {
  const T = '/transfer/v1';
  it('an account sees its own trees, and no bytes by their hash', async () => {
    for (const root of ['input', 'output']) {
      for (const stranger of [eve, sam, vic])
        expect(await ask(stranger, `${T}/trees/${root}`)).toMatchObject({ status: 200, text: '' });
      expect((await ask(ada, `${T}/trees/${root}`)).text).toMatch(SECRET);
    }
    const file = `${T}/trees/input/file?path=${encodeURIComponent('/secret/scene.blend')}`;
    expect((await ask(eve, file)).status).toBe(404);
    expect((await ask(ada, file)).text).toBe('a secret scene');
    for (const key of [eve, ada]) expect((await ask(key, `${T}/blobs/${task.scene}`)).status).toBe(403);
    const question = { method: 'POST', body: `["${task.scene}",14]\n` };
    expect((await ask(eve, `${T}/missing`, question)).text).toBe('0\n');
    expect((await ask(ada, `${T}/missing`, question)).text).toBe('');
    const entry = { path: '/mine.blend', id: task.scene, size: 14, mtimeMs: 1 };
    const commit = { method: 'POST', body: `${JSON.stringify(entry)}\n` };
    expect((await ask(eve, `${T}/trees/input/commit`, commit)).text).toContain('TRANSFER_BLOB_MISSING');
    expect((await ask(eve, `${T}/trees/output/commit`, commit)).status).toBe(403);
    for (const target of ['/trees/input', file.slice(T.length), '/missing', `/blobs/${task.scene}`])
      expect((await ask(null, T + target, { method: target === '/missing' ? 'POST' : 'GET' })).status).toBe(
        401,
      );
  });

  it('outputs of a colleague open with the right to download, and close when it is taken back', async () => {
    const target = `${T}/trees/output?account=${ada.accountId}`;
    const file = `${T}/trees/output/file?account=${ada.accountId}&path=/${task.output}/0001.png`;
    const give = (download: boolean) =>
      farm.calls.setTeamRight(ada.accountId, {
        memberId: vic.accountId,
        ownerId: ada.accountId,
        see: true,
        control: false,
        download,
      });
    for (const key of [eve, sam, vic]) expect((await ask(key, target)).status).toBe(403);
    await give(true);
    expect((await ask(vic, target)).text).toContain('0001.png');
    expect((await ask(vic, file)).text).toBe('a secret picture');
    expect((await ask(vic, `${T}/trees/input?account=${ada.accountId}`)).status).toBe(403);
    const { data } = await call(vic, '/api/render/handle/queryTaskInfo/v2', { taskIds: [task.id] });
    const pair = { 'croft-storage': data.items[0].bid, 'croft-account': String(ada.accountId) };
    expect((await ask(null, `${T}/trees/output`, { headers: pair })).text).toContain('0001.png');
    await give(false);
    for (const key of [eve, sam, vic]) expect((await ask(key, target)).status).toBe(403);
    expect(await farm.calls.storageOwner(data.items[0].bid)).toBeNull();
  });

  it('unfinished uploads are the account’s own', async () => {
    const part = randomBytes(16 * 1024 * 1024);
    const rest = Buffer.from('rest');
    const hashes = [part, rest].map((bytes) => createHash('sha256').update(bytes).digest());
    const id = `sha256p-${createHash('sha256').update(Buffer.concat(hashes)).digest('hex')}`;
    const size = part.length + rest.length;
    const target = `${T}/uploads/${id}/1?size=${size}`;
    const sent = await ask(ada, target, {
      method: 'PUT',
      body: 'rest',
      headers: { 'croft-part-sha256': hashes[1]!.toString('hex') },
    });
    expect(sent).toMatchObject({ status: 200 });
    const partsOf = async (key: Key) => (await ask(key, `${T}/uploads/${id}?size=${size}`)).text;
    expect(await partsOf(ada)).toBe('{"parts":[1]}');
    expect(await partsOf(eve)).toBe('{"parts":[]}');
  });

  it('the token of an attempt opens its inputs, nothing else, and nothing once it ended', async () => {
    const headers = { authorization: `Bearer ${order.token}` };
    expect((await ask(null, `${T}/attempts/inputs`, { headers })).text).toContain('/secret/scene.blend');
    expect((await ask(null, `${T}/blobs/${task.scene}`, { headers })).text).toBe('a secret scene');
    expect((await ask(null, `${T}/blobs/${task.picture}`, { headers })).status).toBe(404);
    for (const root of ['config', 'input', 'output'])
      expect((await ask(null, `${T}/trees/${root}`, { headers })).status).toBe(403);
    expect((await ask(null, '/api/v1/tasks', { headers })).status).toBe(401);
    expect((await ask(null, `${T}/attempts/inputs`, { headers: { authorization: 'Bearer x' } })).status).toBe(
      401,
    );
    await farm.calls.stopTasks(ada.accountId, [task.id]);
    for (const target of ['/attempts/inputs', `/blobs/${task.scene}`])
      expect((await ask(null, T + target, { headers })).status).toBe(401);
    const put = await ask(null, `${T}/missing`, { method: 'POST', body: '', headers });
    expect(put.status).toBe(401);
  });

  it('a picture is shown to whoever knows its name, and its name only', async () => {
    expect(await ask(null, task.capability)).toMatchObject({ status: 200, text: 'a secret picture' });
    for (const wrong of [
      '/files/',
      '/files/x',
      `${task.capability}x`,
      `/files/${task.picture}`,
      '/files/%2e%2e/farm',
    ])
      expect((await ask(null, wrong)).status).toBe(404);
  });
});
