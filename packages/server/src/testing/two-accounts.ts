/**
 * Two accounts and sub-accounts of one of them on a real server, with a task, its scene, its picture and its running attempt:
 * what the tests of every door name when they show that nothing of one is open to the other.
 */
import { randomBytes } from 'node:crypto';
import type { AttemptOrder, BlobId, ToNode } from '@croft/contract';
import type { PlanningApp } from '@croft/farm';
import { type RealServer, startRealServer, type TestKey } from './real-server.ts';
import type { Envelope } from './test-server.ts';

/** What must never show to a stranger: names of ada's files and words of their bytes. */
export const SECRET = /secret|0001\.|scene\.blend/;

export interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

export interface TwoAccounts
  extends Pick<RealServer, 'url' | 'calls' | 'reads' | 'store' | 'signature' | 'close'> {
  /** The owner, a main account and administrator. */
  readonly ada: TestKey;
  /** Another main account. */
  readonly eve: TestKey;
  /** A sub-account of ada's that has no rights to her tasks. */
  readonly sam: TestKey;
  /** A sub-account of ada's that may see her tasks, and no more. */
  readonly vic: TestKey;
  /** Ada's task, with what somebody could name of it. */
  readonly task: {
    readonly id: number;
    readonly frame: number;
    readonly frames: number[];
    readonly capability: string;
    readonly scene: BlobId;
    readonly picture: BlobId;
    readonly output: string;
  };
  /** The order of its first attempt, still alive. */
  readonly order: AttemptOrder;
  readonly evesTask: number;
  /** A key of a new account: a main account, or a sub-account of `mainAccountId`. */
  newAccount(name: string, mainAccountId: number): Promise<TestKey>;
  /** Lets a node in and waits for the order of the task. */
  orderOf(taskId: number): Promise<AttemptOrder>;
  /** A request of the native API or the transfer door, signed by the key where there is one. */
  ask(key: TestKey | null, target: string, asked?: Asked): Promise<{ status: number; text: string }>;
  /** A signed call of the Renderbus API. */
  call(key: TestKey, path: string, body: unknown): Promise<Envelope>;
  /** All that ada can see of her task. */
  whatAdaSees(): Promise<string>;
}

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

export async function startTwoAccounts(): Promise<TwoAccounts> {
  const real = await startRealServer({}, [app]);
  const { calls, reads, store } = real;
  const ada = await calls.createKey((await calls.firstAccount()).accountId, 'ada');
  const newAccount = async (name: string, mainAccountId: number): Promise<TestKey> => {
    const { accountId } = await calls.createAccount(ada.accountId, { name, mainAccountId });
    return calls.createKey(accountId, name);
  };
  const eve = await newAccount('eve', 0);
  const sam = await newAccount('sam', ada.accountId);
  const vic = await newAccount('vic', ada.accountId);
  const right = { memberId: vic.accountId, ownerId: ada.accountId, control: false, download: false };
  await calls.setTeamRight(ada.accountId, { ...right, see: true });
  const orderOf = (taskId: number) => orderOfNewNode(real, ada.accountId, taskId);
  const { task, order } = await renderedTask(real, ada, orderOf);
  const [evesTask] = (await calls.createTasks(eve.accountId, { count: 1, userLevel: 50 })) as [number];
  const whatAdaSees = async () =>
    JSON.stringify([
      await reads.task(ada.accountId, task.id),
      await reads.frames(ada.accountId, task.id, { page: 1, size: 10 }),
      await reads.results(ada.accountId, task.id, 1, 10),
      await calls.listProjects(ada.accountId),
      await calls.profile(ada.accountId),
    ]);
  return {
    ...{ url: real.url, calls, reads, store, signature: real.signature, close: real.close },
    ...{ ada, eve, sam, vic, task, order, evesTask, newAccount, orderOf, whatAdaSees },
    ask: (key, target, { method = 'GET', body, headers } = {}) =>
      real.ask(key, method, target, body, headers),
    call: (key, path, body) => real.call(key, path, body),
  };
}

/** A task of ada's whose first frame is done and whose second is being rendered. */
async function renderedTask(
  { calls, reads, store }: RealServer,
  ada: TestKey,
  orderOf: TwoAccounts['orderOf'],
): Promise<Pick<TwoAccounts, 'task' | 'order'>> {
  const scene = await store(Buffer.from('a secret scene'));
  await calls.blobsArrived(ada.accountId, [scene]);
  const input = { accountId: ada.accountId, root: 'input' } as const;
  await calls.commitTree(input, [{ path: '/secret/scene.blend', ...scene, mtimeMs: 1 }]);
  const [id] = (await calls.createTasks(ada.accountId, { count: 1, userLevel: 50 })) as [number];
  await calls.putTaskFile(ada.accountId, id, 'task.json', '{"task_info": {"cg_id": "2007"}}');
  await calls.submitTask(ada.accountId, id, {});
  const order = await orderOf(id);
  const picture = await store(Buffer.from('a secret picture'));
  await calls.blobsArrived(ada.accountId, [picture]);
  const facts = { mtimeMs: 1, frame: 1, format: 'png', width: 1, height: 1, layer: null, camera: null };
  await calls.nodeReport((await reads.nodes())[0]!.id, {
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
  const { items } = await reads.frames(ada.accountId, id, { page: 1, size: 10 });
  const task = {
    id,
    frame: items[0]!.id,
    frames: items.map((frame) => frame.id),
    capability: items[0]!.thumbnail!,
    scene: scene.id,
    picture: picture.id,
    output: (await reads.task(ada.accountId, id)).outputName!,
  };
  return { task, order };
}

async function orderOfNewNode(
  { calls, outlet }: RealServer,
  accountId: number,
  taskId: number,
): Promise<AttemptOrder> {
  const { code } = await calls.createNodeCode(accountId);
  const node = await calls.enrolNode(code, 'node', randomBytes(32).toString('base64'));
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
  await calls.nodeConnected(node.nodeId, facts, [], false);
  return ordered;
}
