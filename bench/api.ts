/**
 * Two calls of the Renderbus API, signed, at 50 connections: `getTaskList` of 100 tasks with 50,000 in the store, and a
 * page of `queryTaskFrames` of a task with 1,000,000 frames. Beside them, in turns, a bare Fastify handler with the same
 * SELECTs, and one that sends the same bytes. Each contender is a process of its own; medians of 5 runs. Ratios are of
 * answers for a second of the serving thread's processor time, so that what else the machine does counts little.
 *
 * `changing` is the farm while another client changes something in it 20 times a second; `another page` asks for a
 * different page with every request, so that no two are alike.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseRawJson, renderbusSignature, renderbusStringToSign } from '@croft/contract/signing';
import { fillStore } from './support/big-store.ts';
import { benchFolder, croftJson, startFarm } from './support/farm.ts';
import { type NextRequest, sendFor } from './support/http-load.ts';
import { makeTinyScene } from './support/scene.ts';
import { median, printTable } from './support/table.ts';

const CONNECTIONS = 50;
const ROUNDS = 5;
const RUN_MS = 1500;
const TASKS = 50_000;
const FRAMES = 1_000_000;
const CHANGES_PER_SECOND = 20;
/** Pages that have rows: the tasks', and the rendered frames'. */
const PAGES = 400;

const LIST = '/api/render/handle/getTaskList/v2';
const FRAMES_PATH = '/api/render/handle/queryTaskFrames';
const SETTING = '/api/render/setUp/updateUserSetting';

interface Client {
  accessId: string;
  accessKey: string;
  accountId: number;
}

function post(port: number, path: string, body: string, headers: Record<string, string> = {}): Buffer {
  const head = { host: `127.0.0.1:${port}`, 'content-type': 'application/json', ...headers };
  const lines = Object.entries({ ...head, 'content-length': String(Buffer.byteLength(body)) });
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`,
  );
}

/** Signed requests, each with a nonce of its own. */
function signed(
  port: number,
  client: Client,
  path: string,
  bodies: readonly object[],
  count: number,
): Buffer[] {
  const timestamp = Math.floor(Date.now() / 1000);
  const used = new Set<number>();
  return Array.from({ length: count }, (_, index) => {
    const body = JSON.stringify(bodies[index % bodies.length]);
    let nonce = randomInt(100_000, 999_999_999);
    while (used.has(nonce)) nonce = randomInt(100_000, 999_999_999);
    used.add(nonce);
    const headers: Record<string, string> = {
      accessId: client.accessId,
      channel: '4',
      platform: '2',
      UTCTimestamp: String(timestamp),
      nonce: String(nonce),
      version: '2.0.0',
    };
    const text = renderbusStringToSign({
      domain: `127.0.0.1:${port}`,
      path,
      headers,
      body: parseRawJson(new TextEncoder().encode(body)),
    });
    return post(port, path, body, { ...headers, signature: renderbusSignature(text, client.accessKey) });
  });
}

const from = (requests: readonly Buffer[]): NextRequest => {
  let at = 0;
  return () => requests[at++] ?? null;
};
const again = (requests: readonly Buffer[]): NextRequest => {
  let at = 0;
  return () => requests[at++ % requests.length]!;
};
const isGood = (body: string) => body.includes('"code":200');

/** Starts the peer; gives its port. */
async function startPeer(
  database: string,
  templates: string,
): Promise<{ port: number; pid: number; stop: () => void }> {
  const script = new URL('../packages/server/src/testing/bare-api.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, database, templates], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((done) =>
    createInterface({ input: child.stdout }).once('line', done),
  );
  return { port: Number(line), pid: child.pid!, stop: () => void child.kill('SIGTERM') };
}

async function whole(port: number, request: Buffer): Promise<string> {
  const [head, body] = [request.toString().split('\r\n\r\n')[0]!, request.toString().split('\r\n\r\n')[1]!];
  const [first, ...lines] = head.split('\r\n');
  const headers = lines.map((line) => line.split(': ') as [string, string]);
  const reply = await fetch(`http://127.0.0.1:${port}${first!.split(' ')[1]}`, {
    method: 'POST',
    headers: headers.filter(([name]) => name !== 'host' && name !== 'content-length'),
    body,
  });
  const text = await reply.text();
  if (!isGood(text)) throw new Error(text.slice(0, 500));
  return text;
}

const folder = benchFolder();
const home = join(folder, 'home');
const scene = join(folder, 'tiny.blend');
makeTinyScene(scene, { frames: 2, size: 16 });
// A node, so that the farm knows a Blender; what it renders meanwhile does not matter.
const first = await startFarm('up', home);
const submit = (frames: number) =>
  croftJson<{ taskId: number }>(home, 'render', scene, '--frames', `1-${frames}`, '--detach').taskId;
const smallTask = submit(100);
const bigTask = submit(FRAMES);
await first.stop();
fillStore(home, { tasks: TASKS - 2, smallTask, bigTask, rendered: PAGES * 100 });

const farm = await startFarm('server', home, '--call-rate', '0');
const client = {
  ...(JSON.parse(readFileSync(join(home, 'client.json'), 'utf8')) as Omit<Client, 'accountId'>),
  accountId: 10001,
};
const port = Number(new URL(farm.url).port);
const calls = {
  tasks: { path: LIST, body: (page: number) => ({ pageNum: page, pageSize: 100 }) },
  frames: { path: FRAMES_PATH, body: (page: number) => ({ taskId: bigTask, pageNum: page, pageSize: 100 }) },
} as const;
const templates = join(folder, 'templates.json');
const answers: Record<string, unknown> = {};
for (const [name, { path, body }] of Object.entries(calls)) {
  const [request] = signed(port, client, path, [body(1)], 1);
  answers[name] = JSON.parse(await whole(port, request!));
}
writeFileSync(templates, JSON.stringify(answers));
const peer = await startPeer(join(home, 'farm', 'farm.sqlite'), templates);
const barely = (name: 'tasks' | 'frames', page: number) => ({
  accountId: client.accountId,
  taskId: bigTask,
  pageNum: page,
  name,
});

interface Rates {
  /** Answers a second. */
  wall: number[];
  /** Answers for a second of the serving thread's processor time. */
  core: number[];
}

const rates = new Map<string, Rates>();
const servers = { croft: { port, pid: farm.child.pid! }, bare: peer } as const;
async function run(what: string, by: keyof typeof servers, next: NextRequest): Promise<void> {
  const { port: at, pid } = servers[by];
  const before = threadSeconds(pid);
  const { answers: heard, seconds } = await sendFor(at, CONNECTIONS, RUN_MS, next, isGood);
  const kept = rates.get(what) ?? { wall: [], core: [] };
  kept.wall.push(heard / seconds);
  kept.core.push(heard / (threadSeconds(pid) - before));
  rates.set(what, kept);
}

/** Processor time that the main thread of a process has had (Linux; a hundredth of a second is its grain). */
function threadSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
const enough = (RUN_MS / 1000) * 12_000;
const pages = (body: (page: number) => object) =>
  Array.from({ length: PAGES }, (_, index) => body(index + 1));

/** Changes a setting of the account, again and again, until the work has ended. */
async function whileChanging(work: () => Promise<void>): Promise<void> {
  let ended = false;
  const changes = (async () => {
    for (let count = 0; !ended; count++) {
      const [request] = signed(port, client, SETTING, [{ taskOverTimeSec: 40_000 + (count % 100) }], 1);
      await whole(port, request!);
      await new Promise((done) => setTimeout(done, 1000 / CHANGES_PER_SECOND));
    }
  })();
  await work();
  ended = true;
  await changes;
}

try {
  for (let round = 0; round <= ROUNDS; round++) {
    // The first round warms everything up.
    if (round === 1) rates.clear();
    for (const name of ['tasks', 'frames'] as const) {
      const { path, body } = calls[name];
      const bare = pages((page) => barely(name, page)).map((one) =>
        post(peer.port, `/${name}`, JSON.stringify(one)),
      );
      await run(`${name}: croft, unchanged`, 'croft', from(signed(port, client, path, [body(1)], enough)));
      await run(`${name}: same bytes`, 'bare', again([post(peer.port, `/same/${name}`, '{}')]));
      await whileChanging(() =>
        run(`${name}: croft, changing`, 'croft', from(signed(port, client, path, [body(1)], enough))),
      );
      await run(`${name}: bare SELECT`, 'bare', again(bare.slice(0, 1)));
      await run(
        `${name}: croft, another page`,
        'croft',
        from(signed(port, client, path, pages(body), enough)),
      );
      await run(`${name}: bare SELECT, another page`, 'bare', again(bare));
    }
  }
} finally {
  peer.stop();
  await farm.stop();
}

const core = (what: string) => median(rates.get(what)!.core);
const shown = (what: string) =>
  `${core(what).toFixed(0)}/s of a core, ${median(rates.get(what)!.wall).toFixed(0)}/s here`;
for (const [name, title] of [
  ['tasks', `getTaskList of 100 tasks, ${TASKS.toLocaleString('en')} in the store`],
  ['frames', `a page of 100 of queryTaskFrames, a task of ${FRAMES.toLocaleString('en')} frames`],
] as const) {
  const row = (mine: string, theirs: string, must: number) => {
    const ratio = core(`${name}: ${mine}`) / core(`${name}: ${theirs}`);
    return {
      what: mine,
      value: shown(`${name}: ${mine}`),
      peer: `${theirs}: ${shown(`${name}: ${theirs}`)}`,
      ratio,
      must: `≥ ${must} ×`,
      met: ratio >= must,
    };
  };
  printTable(`${title}; ${CONNECTIONS} connections, median of ${ROUNDS}`, [
    row('croft, changing', 'bare SELECT', 0.8),
    row('croft, another page', 'bare SELECT, another page', 0.8),
    row('croft, unchanged', 'same bytes', 0.5),
  ]);
}
