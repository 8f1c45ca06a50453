/**
 * A farm for tests of the doors: the ports with small true state in memory. It keeps what the doors hand over in `heard`
 * and answers as the contract says, so that a door's own rules can be seen without a store.
 */
import type { FrameRow, NodeRow, ResultRow } from '@croft/contract';
import { CroftError, EXIT, type TreeEntry, type TreeRoot } from '@croft/contract';
import type {
  AccountProfile,
  Caller,
  FarmCalls,
  FarmReads,
  FrameFacts,
  OperationFacts,
  SignInNote,
  TaskFilter,
  TaskInfoFacts,
} from '@croft/farm';
import { NO_FRAME_MONEY, NO_TASK_MONEY } from '@croft/farm';
import { catalogueDouble } from './catalogue-double.ts';

export const ACCESS_ID = 'AKtestAccess';
export const SECRET = 'secret-of-the-tests';
export const ACCOUNT: Caller = {
  accountId: 10001,
  accountName: 'ada',
  mainAccountId: 0,
  role: 'admin',
  inputAccountId: 10001,
};
const KEY = { secret: SECRET, previousSecret: null, rights: 'full' as const, isLocked: false };
export const OTHER_TASK = 777;
export const SIGN_IN_CODE = 'one-time-code';
export const SESSION = 'session-token';
export const NODE_CODE = 'node-code';
export const CONFIG_BID = '100000000000000001';
export const INPUT_BID = '200000000000000002';
export const OUTPUT_BID = '300000000000000003';
const STORAGES: Readonly<Record<string, TreeRoot>> = {
  [CONFIG_BID]: 'config',
  [INPUT_BID]: 'input',
  [OUTPUT_BID]: 'output',
};

export interface FarmDouble {
  calls: FarmCalls;
  reads: FarmReads;
  /** What the reads say the store's version is. */
  version: number | null;
  /** Every call that changes something: name and arguments. */
  heard: { name: string; args: unknown[] }[];
  tasks: TaskInfoFacts[];
  frames: (FrameRow & FrameFacts)[];
  results: ResultRow[];
  nodes: NodeRow[];
  nodeKeys: Map<string, string>;
  entries: TreeEntry[];
  /** Thrown by the next call of that name. */
  fail: Map<string, Error>;
  /** Records of calls that may change something; a record's number is its place from 1 on. */
  operations: { facts: OperationFacts; outcome: number | null }[];
  signIns: SignInNote[];
  /** Addresses that every account may be used from; empty: all. */
  addressRule: string[];
}

const notFound = (what: string) =>
  new CroftError('FARM_NOT_FOUND', { status: 404, apiCode: 404, exit: EXIT.notFound }, `there is no ${what}`);
const notYours = (what: string) =>
  new CroftError('FARM_NOT_YOURS', { status: 403, apiCode: 605, exit: EXIT.refused }, `${what} is not yours`);

export function createFarmDouble(): FarmDouble {
  const nonces = new Set<string>();
  let session: string | null = null;
  let codeLeft = true;
  let nextTask = 500;

  const double: FarmDouble = {
    calls: {} as FarmCalls,
    reads: {} as FarmReads,
    version: null,
    heard: [],
    tasks: [],
    frames: [],
    results: [],
    nodes: [],
    nodeKeys: new Map(),
    entries: [],
    fail: new Map(),
    operations: [],
    signIns: [],
    addressRule: [],
  };

  const own = (taskIds: readonly number[]) => {
    for (const id of taskIds) {
      if (id === OTHER_TASK) throw notYours(`task ${id}`);
      if (!double.tasks.some((task) => task.id === id)) throw notFound(`task ${id}`);
    }
  };
  const listed = (filter: TaskFilter) => {
    double.heard.push({ name: 'listTasks', args: [filter] });
    const rows = double.tasks.filter((task) => filter.statuses?.includes(task.status) ?? true);
    return pageOf(rows, filter.page, filter.size);
  };
  const taskOf = (id: number) => {
    own([id]);
    return double.tasks.find((task) => task.id === id)!;
  };
  /** Notes the call, then fails if the test wants it to. */
  const hear = (name: string, ...args: unknown[]) => {
    double.heard.push({ name, args });
    const error = double.fail.get(name);
    if (error !== undefined) {
      double.fail.delete(name);
      throw error;
    }
  };
  const noted =
    (name: string, check: (...args: never[]) => void = () => {}) =>
    async (...args: never[]) => {
      check(...args);
      hear(name, ...args);
    };
  const onTasks = (_account: number, ids: number[]) => own(ids);
  const onTask = (_account: number, named: number | number[] | null) => {
    if (named !== null) own([named].flat());
  };

  double.calls = whole<FarmCalls>({
    keySecret: async (accessId) => (accessId === ACCESS_ID ? { ...KEY, caller: ACCOUNT } : null),
    createKeyFor: async (_byId, accountId) => ({ accessId: 'AKnew', accessKey: 'new-secret', accountId }),
    async createKey(accountId, name) {
      hear('createKey', accountId, name);
      return { accessId: 'AKnew', accessKey: 'new-secret', accountId };
    },
    raysyncKey: async () => 'a'.repeat(40),
    disableKey: noted('disableKey'),
    addRenderEnv: noted('addRenderEnv'),
    updateRenderEnv: noted('updateRenderEnv'),
    deleteRenderEnv: noted('deleteRenderEnv'),
    setDefaultRenderEnv: noted('setDefaultRenderEnv'),
    editTaskHardware: noted('editTaskHardware', onTasks),
    firstAccount: async () => ACCOUNT,
    createSignInCode: async () => SIGN_IN_CODE,
    async redeemSignInCode(code) {
      if (code !== SIGN_IN_CODE || !codeLeft) {
        throw new CroftError(
          'FARM_CODE_INVALID',
          { status: 403, apiCode: 403, exit: EXIT.refused },
          'wrong code',
        );
      }
      codeLeft = false;
      session = SESSION;
      return { token: SESSION, expiresAt: Date.now() + 3_600_000, caller: ACCOUNT };
    },
    sessionCaller: async (token) => (token === session ? ACCOUNT : null),
    async rememberNonce(accessId, timestamp, nonce) {
      const mark = `${accessId} ${timestamp} ${nonce}`;
      if (nonces.has(mark)) return false;
      nonces.add(mark);
      return true;
    },
    async beginOperation(facts, proof) {
      if (proof !== null) {
        const { accessId, timestampSeconds, nonce } = proof;
        if (!(await double.calls.rememberNonce(accessId, timestampSeconds, nonce))) return null;
      }
      return double.operations.push({ facts, outcome: null });
    },
    async endOperations(ends) {
      for (const { id, outcome } of ends) double.operations[id - 1]!.outcome = outcome;
    },
    async noteSignIns(notes) {
      double.signIns.push(...notes);
    },
    addressRule: async () => double.addressRule,
    async profile() {
      hear('profile');
      return {
        ...ACCOUNT,
        email: 'ada@example.org',
        phone: '',
        company: '',
        taskOverTimeSec: 43_200,
        shareMainCapital: 0,
        isDisabled: false,
        facts: {} as AccountProfile['facts'],
      };
    },
    updateTaskOverTime: noted('updateTaskOverTime'),
    storageIds: async () => ({
      config: CONFIG_BID,
      input: INPUT_BID,
      output: OUTPUT_BID,
      parentInput: INPUT_BID,
      subOutputs: [],
    }),
    outputIds: async (viewerId, ownerIds) =>
      ownerIds.includes(viewerId) ? [{ ownerId: viewerId, bid: OUTPUT_BID }] : [],
    storageOwner: async (bid) => {
      const root = STORAGES[bid];
      return root === undefined ? null : { accountId: ACCOUNT.accountId, root };
    },
    listProjects: async () => [{ projectId: 7, projectName: 'Project1' }],
    async addProject(accountId, name) {
      hear('addProject', accountId, name);
      return 8;
    },
    deleteProject: noted('deleteProject'),
    async createTasks(accountId, wish) {
      hear('createTasks', accountId, wish);
      return Array.from({ length: wish.count }, () => nextTask++);
    },
    putTaskFile: noted('putTaskFile', onTask),
    submitTask: noted('submitTask', onTask),
    stopTasks: noted('stopTasks', onTasks),
    startTasks: noted('startTasks', onTasks),
    abandonTasks: noted('abandonTasks', onTasks),
    deleteTasks: noted('deleteTasks', onTasks),
    restartFailedFrames: noted('restartFailedFrames', onTasks),
    restartFrames: noted('restartFrames', onTask),
    stopFrames: noted('stopFrames', onTask),
    setUserLevel: noted('setUserLevel', onTask),
    addTaskLabel: noted('addTaskLabel', (_account: number, _name: string, ids: number[]) => own(ids)),
    deleteTaskLabels: noted('deleteTaskLabels'),
    removeTaskLabels: noted('removeTaskLabels', onTasks),
    operateTaskLabel: noted('operateTaskLabel', onTask),
    fullSpeed: noted('fullSpeed', onTasks),
    setNodeLimit: noted('setNodeLimit', onTask),
    setOverTimeStop: noted('setOverTimeStop', onTasks),
    changeFrames: noted('changeFrames', onTask),
    createNodeCode: async () => ({ code: NODE_CODE, expiresAt: Date.now() + 600_000 }),
    async enrolNode(code, name, publicKey) {
      if (code !== NODE_CODE) {
        throw new CroftError(
          'FARM_CODE_INVALID',
          { status: 403, apiCode: 403, exit: EXIT.refused },
          'wrong code',
        );
      }
      const nodeId = `node-${double.nodeKeys.size + 1}`;
      double.nodeKeys.set(nodeId, publicKey);
      hear('enrolNode', name);
      return { nodeId };
    },
    nodePublicKey: async (nodeId) => double.nodeKeys.get(nodeId) ?? null,
    nodeConnected: noted('nodeConnected'),
    nodeDisconnected: noted('nodeDisconnected'),
    nodePulse: noted('nodePulse'),
    nodeReport: noted('nodeReport'),
    nodeRefused: noted('nodeRefused'),
    nodeDraining: noted('nodeDraining'),
    attemptGrant: async () => null,
    missingBlobs: async (_accountId, ids) => new Set(ids),
    blobsArrived: noted('blobsArrived'),
    commitTree: async () => ({ version: 1 }),
    settle: async () => {},
  });

  const pageOf = <Row>(rows: readonly Row[], page: number, size: number) => ({
    total: rows.length,
    page,
    size,
    items: rows.slice((page - 1) * size, page * size),
  });
  double.reads = whole<FarmReads>({
    ...catalogueDouble(own),
    listTasks: async (_accountId, filter) => listed(filter),
    listTaskInfos: async (_accountId, filter) => listed(filter),
    task: async (_accountId, taskId) => taskOf(taskId),
    frameTask: async (_accountId, taskId) => taskOf(taskId),
    accountsShown: async (accountId) => [accountId],
    mayDownload: async (_accountId, taskId) => own([taskId]),
    taskInfos: async (_accountId, ids) => ids.map(taskOf),
    async frames(_accountId, taskId, filter) {
      own([taskId]);
      const rows = double.frames.filter((frame) => filter.statuses?.includes(frame.status) ?? true);
      return pageOf(rows, filter.page, filter.size);
    },
    operations: async (_accountId, { page, size }) => pageOf([], page, size),
    signIns: async (_accountId, { page, size }) => pageOf([], page, size),
    frameTotals: async () => ({ total: 577, waiting: 153, running: 1, done: 308, failed: 2, stopped: 113 }),
    async results(_accountId, taskId, page, size, { frameId, thumbnails = true } = {}) {
      own([taskId]);
      const rows = double.results.filter(
        (row) =>
          (frameId === undefined || row.frameId === frameId) && (thumbnails || row.kind !== 'thumbnail'),
      );
      return pageOf(rows, page, size);
    },
    async newestAttempt(_accountId, frameId) {
      if (!double.frames.some((frame) => frame.id === frameId)) throw notFound(`frame ${frameId}`);
      return { attemptId: 9, taskId: double.tasks[0]!.id };
    },
    async frameThumbnails(_accountId, frameId) {
      const frame = double.frames.find(({ id }) => id === frameId);
      if (frame === undefined) throw notFound(`frame ${frameId}`);
      return frame.status === 4 && frame.thumbnail !== null ? [frame.thumbnail] : [];
    },
    taskPicture: async () => ({ width: 640, height: 360, camera: 'Camera' }),
    async treeFolder(_tree, folder) {
      const start = folder === '/' ? '/' : `${folder}/`;
      const below = double.entries.filter(({ path }) => path.startsWith(start));
      return [...Map.groupBy(below, ({ path }) => path.slice(start.length).split('/')[0]!)].map(
        ([name, [first]]) => ({
          name,
          size: first!.path === start + name ? first!.size : null,
          mtimeMs: first!.mtimeMs,
        }),
      );
    },
    nodes: async () => double.nodes,
    accountMoney: async () => ({
      rmbbalance: 0,
      usdbalance: 0,
      rmbCumulative: 0,
      usdCumulative: 0,
      credit: 0,
      coupon: 0,
      cpuPrice: 0,
      gpuPrice: 0,
    }),
    outputsInArrears: async () => new Set(),
    async *treeEntries(_tree, prefix) {
      for (const entry of double.entries)
        if (prefix === '/' || entry.path.startsWith(`${prefix}/`)) yield entry;
    },
    treeEntry: async (_tree, path) => double.entries.find((entry) => entry.path === path) ?? null,
    inputBlobSize: async () => null,
    async *attemptInputs() {},
    async picture(capability) {
      const picture = double.entries.find((entry) => entry.path === `/${capability}`);
      return picture === undefined ? null : { id: picture.id, size: picture.size, format: 'png' };
    },
    version: async () => double.version,
    close: async () => {},
  });
  return double;
}

/** The double answers what its tests ask; any other call is a test that needs the real farm. */
function whole<Calls extends object>(answered: Partial<Calls>): Calls {
  return new Proxy(answered, {
    get(calls, name) {
      if (name in calls || typeof name !== 'string' || name === 'then') return Reflect.get(calls, name);
      throw new Error(`the farm double does not answer ${name}: test this over the real farm`);
    },
  }) as Calls;
}

/** A task as the farm tells it; `over` replaces fields. */
export function aTask(over: Partial<TaskInfoFacts> = {}): TaskInfoFacts {
  const id = over.id ?? 19097;
  return {
    id,
    sceneName: 'cube.blend',
    status: 5,
    statusText: 'render_task_status_5',
    app: 'blender',
    frames: { total: 10, waiting: 4, running: 2, done: 3, failed: 1, stopped: 0 },
    level: 50,
    userName: 'ada',
    outputName: `${id}_cube`,
    createdAt: Date.UTC(2026, 10, 21, 9),
    submittedAt: Date.UTC(2026, 10, 21, 9, 1),
    startedAt: Date.UTC(2026, 10, 21, 9, 2),
    endedAt: null,
    thumbnail: null,
    framesRange: '1-10[1]',
    projectName: '',
    appVersion: '3.4.1',
    deletedAt: null,
    waitingFor: [],
    failures: [],
    accountId: ACCOUNT.accountId,
    cgId: 2007,
    isDeleted: false,
    labels: [],
    nodeLimit: null,
    overTimeStopSec: 0,
    isOverTime: false,
    clonedFrom: 0,
    parentId: 0,
    taskPrefix: '2W',
    childIds: [],
    layerName: '',
    taskType: 'Render',
    producer: null,
    renderMs: 61_000,
    money: NO_TASK_MONEY,
    children: [],
    cloneOriginalId: 0,
    reminderSec: 43_200,
    renderCamera: '',
    ramGb: 64,
    usesMainCapital: false,
    ...over,
  };
}

export function aFrame(over: Partial<FrameRow & FrameFacts> = {}): FrameRow & FrameFacts {
  return {
    id: 4097,
    frame: '1',
    status: 4,
    percent: 100,
    node: 'render-1',
    startedAt: Date.UTC(2026, 10, 21, 9, 2),
    endedAt: Date.UTC(2026, 10, 21, 9, 3),
    attempts: 1,
    failure: null,
    thumbnail: null,
    frameType: 5,
    frameIndex: '1',
    taskId: 19097,
    tile: 0,
    tiles: 1,
    restarts: 0,
    peakMemoryBytes: 123_456,
    money: NO_FRAME_MONEY,
    ...over,
  };
}

export function aNode(over: Partial<NodeRow> = {}): NodeRow {
  return {
    id: 'node-1',
    name: 'render-1',
    state: 'online',
    os: 'linux',
    cpuModel: 'Test CPU',
    cpuThreads: 16,
    memoryBytes: 64 * 1024 ** 3,
    gpus: [],
    diskFreeBytes: 500 * 1024 ** 3,
    slots: 1,
    running: 1,
    apps: [{ app: 'blender', version: '3.4.1' }],
    seenAt: Date.UTC(2026, 10, 21, 9, 3),
    ...over,
  };
}
