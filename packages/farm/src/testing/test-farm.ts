/** A real farm on a temporary home, with a fake clock, and nodes that a test plays by hand. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AttemptOrder,
  type BlobId,
  type FailureClass,
  type FarmEvent,
  type NodeFacts,
  type OrderedFrame,
  type ResultFacts,
  silentLog,
  type ToNode,
} from '@croft/contract';
import type { SegmentPlan } from '@croft/dcc';
import { audit } from '../audit/audit.ts';
import type { FarmCalls, FarmReads } from '../farm-api.ts';
import { openFarmInProcess } from '../farm-thread/open-farm-in-process.ts';
import { farmHome } from '../home.ts';
import { COALESCE_MS } from '../planner/planner.ts';
import { openSqliteReads } from '../store/sqlite/open.ts';
import { FakeClock } from './fake-clock.ts';
import { blobIdOf, memoryBlobs } from './memory-blobs.ts';
import { quickFolder } from './quick-folder.ts';
import { type ChildWish, testApp } from './test-app.ts';

export interface TaskWish {
  frames?: string;
  version?: string;
  needs?: string[];
  userLevel?: number;
  platform?: number;
  plugins?: Record<string, string>;
  taskInfo?: Record<string, unknown>;
  segments?: (Partial<SegmentPlan> & { frames: string })[];
  children?: ChildWish[];
}

export class TestFarm {
  readonly clock = new FakeClock();
  readonly events: { event: FarmEvent; accountId: number | null }[] = [];
  readonly sent: { nodeId: string; message: ToNode }[] = [];
  readonly home: string;
  readonly #blobs = new Map<BlobId, Uint8Array>();
  #farm!: Awaited<ReturnType<typeof openFarmInProcess>>;
  accountId = 0;

  private constructor(home: string) {
    this.home = home;
  }

  static async open(): Promise<TestFarm> {
    const farm = new TestFarm(await mkdtemp(join(quickFolder(), 'croft-farm-')));
    await farm.start();
    return farm;
  }

  get calls(): FarmCalls {
    return this.#farm.calls;
  }
  get reads(): FarmReads {
    return this.#farm.reads;
  }

  async start(): Promise<void> {
    this.#farm = await openFarmInProcess({
      home: this.home,
      blobs: memoryBlobs(this.#blobs),
      apps: async () => [testApp],
      clock: this.clock,
      log: silentLog,
      outlet: {
        event: (event, accountId) => this.events.push({ event, accountId }),
        toNode: (nodeId, message) => this.sent.push({ nodeId, message }),
      },
    });
    this.accountId = (await this.calls.firstAccount()).accountId;
    await this.idle();
  }

  async restart(): Promise<void> {
    await this.#farm.close();
    await this.start();
  }

  idle(): Promise<void> {
    return this.#farm.idle();
  }

  turn(ms: number): Promise<void> {
    return this.clock.turn(ms, () => this.idle());
  }

  /** What the auditor finds wrong in the database. */
  async faults(): Promise<string[]> {
    const connection = openSqliteReads(farmHome(this.home).database);
    try {
      return await audit(connection.db);
    } finally {
      connection.close();
    }
  }

  async end(): Promise<void> {
    await this.#farm.close();
    await rm(this.home, { recursive: true });
  }

  async draft(wish: TaskWish = {}): Promise<number> {
    const scenePath = '/home/u/scene.blend';
    const id = blobIdOf('scene');
    await this.calls.blobsArrived(this.accountId, [{ id, size: 5 }]);
    const tree = { accountId: this.accountId, root: 'input' } as const;
    await this.calls.commitTree(tree, [{ path: scenePath, id, size: 5, mtimeMs: 1 }]);
    const [taskId] = await this.calls.createTasks(this.accountId, {
      count: 1,
      userLevel: wish.userLevel ?? 50,
      platform: wish.platform ?? 0,
    });
    const taskFile = {
      task_info: { cg_id: '2007', project_name: 'film', ...wish.taskInfo },
      software_config: { cg_name: 'Blender', cg_version: wish.version ?? '3.4', plugins: wish.plugins ?? {} },
      scene_info: {
        frames: wish.frames ?? '1-3[1]',
        scenePath,
        version: wish.version ?? '3.4',
        needs: wish.needs ?? [],
        ...(wish.segments ? { segments: wish.segments } : {}),
        ...(wish.children ? { children: wish.children } : {}),
      },
    };
    await this.calls.putTaskFile(this.accountId, taskId!, 'task.json', JSON.stringify(taskFile));
    const upload = { asset: [{ local: '/home/u/scene.blend', server: 'home/u/scene.blend' }] };
    await this.calls.putTaskFile(this.accountId, taskId!, 'upload.json', JSON.stringify(upload));
    return taskId!;
  }

  async submit(wish: TaskWish = {}): Promise<number> {
    const taskId = await this.draft(wish);
    await this.calls.submitTask(this.accountId, taskId, {});
    await this.turn(COALESCE_MS);
    return taskId;
  }

  async task(taskId: number) {
    return this.reads.task(this.accountId, taskId);
  }

  async addNode(wish: Partial<NodeFacts> = {}): Promise<TestNode> {
    const { code } = await this.calls.createNodeCode(this.accountId);
    const name = wish.name ?? 'node';
    const { nodeId } = await this.calls.enrolNode(code, name, randomBytes(32).toString('base64'));
    const node = new TestNode(this, nodeId, { ...FACTS, ...wish, name });
    await node.connect();
    return node;
  }
}

const FACTS: NodeFacts = {
  name: 'node',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  cpuModel: 'test',
  cpuThreads: 8,
  memoryBytes: 16e9,
  gpus: [],
  diskFreeBytes: 1e12,
  slots: 1,
  apps: [{ app: 'blender', version: '3.4.1', abilities: ['cycles'] }],
};

export class TestNode {
  readonly #farm: TestFarm;
  readonly id: string;
  readonly facts: NodeFacts;

  constructor(farm: TestFarm, id: string, facts: NodeFacts) {
    this.#farm = farm;
    this.id = id;
    this.facts = facts;
  }

  async connect(liveAttempts: number[] = [], draining = false): Promise<void> {
    await this.#farm.calls.nodeConnected(this.id, this.facts, liveAttempts, draining);
    await this.#farm.turn(COALESCE_MS);
  }

  async disconnect(): Promise<void> {
    await this.#farm.calls.nodeDisconnected(this.id);
    await this.#farm.idle();
  }

  /** Orders sent to this node, oldest first. */
  get orders(): AttemptOrder[] {
    return this.#messages.flatMap((message) => (message.type === 'run' ? [message.order] : []));
  }
  get cancels(): Extract<ToNode, { type: 'cancel' }>[] {
    return this.#messages.filter((message) => message.type === 'cancel');
  }
  get #messages(): ToNode[] {
    return this.#farm.sent.filter(({ nodeId }) => nodeId === this.id).map(({ message }) => message);
  }

  async started(order: AttemptOrder, frame: OrderedFrame): Promise<void> {
    const at = this.#farm.clock.now();
    await this.#farm.calls.nodeReport(this.id, { kind: 'attempt-started', attemptId: order.attemptId, at });
    await this.#farm.calls.nodeReport(this.id, {
      kind: 'frame-started',
      attemptId: order.attemptId,
      frameId: frame.frameId,
      at,
    });
  }

  /** Reports the frame done with one picture, whose bytes arrive first. */
  async done(
    order: AttemptOrder,
    frame: OrderedFrame,
    wish: Partial<ResultFacts> = {},
    renderMs = 100,
  ): Promise<void> {
    const result = pictureOf(order, frame, wish);
    const { accountId } = this.#farm;
    await this.#farm.calls.blobsArrived(accountId, [{ id: result.id, size: result.size }]);
    const endedAt = this.#farm.clock.now();
    await this.#farm.calls.nodeReport(this.id, {
      kind: 'frame-done',
      attemptId: order.attemptId,
      frameId: frame.frameId,
      startedAt: endedAt - renderMs,
      endedAt,
      results: [result],
      peakMemoryBytes: 1e9,
    });
  }

  async failed(order: AttemptOrder, frame: OrderedFrame, failure: FailureClass): Promise<void> {
    const endedAt = this.#farm.clock.now();
    await this.#farm.calls.nodeReport(this.id, {
      kind: 'frame-failed',
      attemptId: order.attemptId,
      frameId: frame.frameId,
      startedAt: endedAt - 100,
      endedAt,
      failure,
      code: 'TEST_FAILURE',
      reason: 'the test wants it to fail',
    });
  }

  async ended(order: AttemptOrder): Promise<void> {
    await this.#farm.calls.nodeReport(this.id, {
      kind: 'attempt-ended',
      attemptId: order.attemptId,
      at: this.#farm.clock.now(),
      reason: null,
    });
    await this.#farm.turn(COALESCE_MS);
  }

  /** Renders everything it is sent until nothing more comes. Returns how many frames that were. */
  async renderAll(): Promise<number> {
    let frames = 0;
    for (let at = 0; at < this.orders.length; at++) {
      const order = this.orders[at]!;
      for (const frame of order.frames) {
        await this.started(order, frame);
        await this.done(order, frame);
        frames += 1;
      }
      await this.ended(order);
    }
    return frames;
  }
}

export function pictureOf(
  order: AttemptOrder,
  frame: OrderedFrame,
  wish: Partial<ResultFacts> = {},
): ResultFacts {
  const name = `${String(frame.first).padStart(4, '0')}${frame.tiles > 1 ? `_t${frame.tile}` : ''}`;
  const text = `picture ${order.attemptId} ${frame.frameId}`;
  return {
    path: `/${name}.png`,
    id: blobIdOf(text),
    size: text.length,
    mtimeMs: 5,
    frame: frame.first,
    format: 'png',
    width: 64,
    height: 64,
    kind: 'main',
    layer: null,
    camera: null,
    of: null,
    ...wish,
  };
}
