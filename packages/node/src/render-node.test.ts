import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiB, silentLog, systemClock } from '@croft/contract';
import type { App } from '@croft/dcc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from './home/home-layout.ts';
import { type NodeOptions, type RunningNode, startNode } from './index.ts';
import { OWNER_VARIABLE, ownerMarkOf } from './process/leftovers.ts';
import { pidsWithVariable } from './process/process-facts.ts';
import { fakeApp } from './testing/fake-app.ts';
import { CODE, framesFrom, TestFarm } from './testing/test-farm.ts';

let home: string;
let farm: TestFarm;
let node: RunningNode | null;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-node-'));
  farm = new TestFarm();
  await farm.open();
  node = null;
});
afterEach(async () => {
  await node?.stop();
  await farm.close();
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<NodeOptions> = {}, app: App = fakeApp()): Promise<RunningNode> {
  node = await startNode({
    home,
    server: farm.url,
    code: CODE,
    log: silentLog,
    clock: systemClock,
    apps: [app],
    transfer: () => farm.transfer,
    ...options,
  });
  await farm.until((heard) => heard.find((one) => one.type === 'hello'));
  return node;
}

test('an order is rendered, its picture and thumbnail delivered, and the attempt ended', async () => {
  farm.addInput('/scene.txt', 'good');
  await start();
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 3) }) });
  await farm.untilReport('attempt-ended');
  expect(farm.reports().filter((one) => one.kind === 'frame-failed')).toEqual([]);
  const done = farm.reports().filter((one) => one.kind === 'frame-done');
  expect(done.map((one) => one.frameId)).toEqual([1001, 1002, 1003]);
  expect(done[0]?.results.map(({ path, kind, of, format }) => ({ path, kind, of, format }))).toEqual([
    { path: '/0001.png', kind: 'main', of: null, format: 'png' },
    { path: '/.thumbnails/1001/0001.png.jpg', kind: 'thumbnail', of: '/0001.png', format: 'jpeg' },
  ]);
  expect(done[0]?.results[0]).toMatchObject({ width: 8, height: 8, frame: 1 });
  for (const result of done.flatMap((one) => one.results)) expect(farm.blobs.has(result.id)).toBe(true);
  expect(farm.reports().at(-1)).toMatchObject({ kind: 'attempt-ended', reason: null });
  expect(await readdir(join(home, 'spool'))).toEqual([]);
});

function failures() {
  return farm.reports().flatMap((one) => (one.kind === 'frame-failed' ? one : []));
}
function doneFrames(attemptId = 1) {
  return farm
    .reports()
    .flatMap((one) => (one.kind === 'frame-done' && one.attemptId === attemptId ? one.frameId : []));
}

test.each([
  ['link', 'NODE_OUTPUT_REFUSED', 'scene'],
  ['linkdir', 'NODE_OUTPUT_REFUSED', 'scene'],
  ['swap', 'NODE_OUTPUT_REFUSED', 'scene'],
  ['outside', 'NODE_OUTPUT_REFUSED', 'scene'],
  ['none', 'NODE_NO_OUTPUT', 'scene'],
  ['corrupt', 'NODE_OUTPUT_DAMAGED', 'scene'],
  ['truncated', 'NODE_OUTPUT_DAMAGED', 'scene'],
  ['crash', 'NODE_APP_EXITED', 'scene'],
])(
  'a frame whose app does "%s" fails with %s, and the next frame is rendered',
  async (word, code, failure) => {
    farm.addInput('/scene.txt', `${word}@1001`);
    await start();
    farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 2) }) });
    await farm.untilReport('attempt-ended');
    expect(failures()).toMatchObject([{ frameId: 1001, code, failure }]);
    expect(doneFrames()).toEqual([1002]);
  },
);

test('a scene that does not open fails all frames of the run once', async () => {
  farm.addInput('/scene.txt', 'unopenable');
  await start();
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 3) }) });
  await farm.untilReport('attempt-ended');
  expect(failures().map((one) => [one.frameId, one.code])).toEqual([
    [1001, 'FAKE_BAD'],
    [1002, 'FAKE_BAD'],
    [1003, 'FAKE_BAD'],
  ]);
});

test('lines that a scene forges, for another nonce or another frame, are not believed', async () => {
  farm.addInput('/scene.txt', 'forge longline');
  await start();
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 2) }) });
  await farm.untilReport('attempt-ended');
  expect(failures()).toEqual([]);
  expect(doneFrames()).toEqual([1001, 1002]);
});

test('a frame that hangs is ended after its limit, with its app', async () => {
  farm.addInput('/scene.txt', 'hang@1001');
  await start();
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 2), frameTimeoutMs: 1000 }) });
  await farm.untilReport('attempt-ended');
  expect(failures()).toMatchObject([{ frameId: 1001, code: 'NODE_FRAME_TIMEOUT', failure: 'timeout' }]);
  expect(doneFrames()).toEqual([1002]);
});

test.runIf(process.platform === 'linux')('an app that eats memory is ended at the limit', async () => {
  farm.addInput('/scene.txt', 'memory');
  await start({ memoryLimitBytes: 400 * MiB });
  farm.send({ type: 'run', order: farm.order({}) });
  await farm.untilReport('attempt-ended');
  expect(failures()).toMatchObject([{ code: 'NODE_OUT_OF_MEMORY', failure: 'memory' }]);
});

test.runIf(process.platform === 'linux')(
  'a process that leaves the group of its app is ended too',
  async () => {
    farm.addInput('/scene.txt', 'escape');
    await start();
    farm.send({ type: 'run', order: farm.order({}) });
    await farm.untilReport('attempt-ended');
    expect(appsOf(home)).toEqual([]);
  },
);

test('inputs that an app wrote over are made anew for the next attempt', async () => {
  farm.addInput('/scene.txt', 'overwrite@1001');
  await start();
  farm.send({ type: 'run', order: farm.order({ attemptId: 1, frames: framesFrom(1, 1) }) });
  await farm.untilReport('attempt-ended', 1);
  farm.send({ type: 'run', order: farm.order({ attemptId: 2, frames: framesFrom(2, 2) }) });
  await farm.untilReport('attempt-ended', 2);
  const [folder, ...others] = await readdir(join(home, 'work'));
  expect(others).toEqual([]);
  expect(await readFile(join(home, 'work', folder ?? '', 'inputs', 'scene.txt'), 'utf8')).toBe(
    'overwrite@1001',
  );
  expect(doneFrames(2)).toEqual([1002]);
});

test('attempts of the same scene share one open app; another scene gets its own', async () => {
  farm.addInput('/scene.txt', 'good');
  farm.addInput('/other.txt', 'good');
  await start();
  farm.send({ type: 'run', order: farm.order({ attemptId: 1, frames: framesFrom(1, 2) }) });
  farm.send({ type: 'run', order: farm.order({ attemptId: 2, frames: framesFrom(3, 4) }) });
  await farm.untilReport('attempt-ended', 2);
  expect(await readdir(join(home, 'run'))).toHaveLength(1);
  expect(doneFrames(1)).toEqual([1001, 1002]);
  expect(doneFrames(2)).toEqual([1003, 1004]);
  const before = await readdir(join(home, 'processes'));
  expect(before).toHaveLength(1);
  farm.send({ type: 'run', order: farm.order({ attemptId: 3, scenePath: '/other.txt' }) });
  await farm.untilReport('attempt-ended', 3);
  expect(doneFrames(3)).toEqual([1001]);
  expect(await readdir(join(home, 'processes'))).not.toEqual(before);
});

test('a batch renders all frames in one process, and its crash costs one frame', async () => {
  farm.addInput('/scene.txt', 'crash@1003');
  await start({}, fakeApp('batch'));
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 5) }) });
  await farm.untilReport('attempt-ended');
  expect(doneFrames()).toEqual([1001, 1002]);
  expect(failures()).toMatchObject([{ frameId: 1003, code: 'NODE_APP_EXITED' }]);
  expect(farm.reports().at(-1)).toMatchObject({ reason: expect.stringContaining('before all frames') });
});

test('an app that is not installed, an order that cannot be read, and one while draining, are refused', async () => {
  farm.addInput('/scene.txt', 'slow');
  const running = await start();
  farm.send({ type: 'run', order: farm.order({ attemptId: 5, appVersion: '2.0' }) });
  expect(await refusalOf(5)).toBe('NODE_APP_MISSING');
  // A farm of another version, or one that was told to wait longer than there are numbers for.
  farm.send({ type: 'run', order: { ...farm.order({ attemptId: 8 }), frameTimeoutMs: 1e300 } });
  expect(await refusalOf(8)).toBe('NODE_ORDER_UNREADABLE');
  farm.send({ type: 'run', order: farm.order({ attemptId: 6, frames: framesFrom(1, 3) }) });
  await farm.untilReport('frame-started', 6);
  const drained = running.drain();
  await farm.until((heard) => heard.find((one) => one.type === 'draining'));
  farm.send({ type: 'run', order: farm.order({ attemptId: 7 }) });
  expect(await refusalOf(7)).toBe('NODE_DRAINING');
  await drained;
  await running.stopped;
  expect(doneFrames(6)).toEqual([1001]);
  expect(farm.reports().at(-1)).toMatchObject({ kind: 'attempt-ended', attemptId: 6 });
  expect(appsOf(home)).toEqual([]);
});

test('a cancelled attempt ends its app at once and reports no frame', async () => {
  farm.addInput('/scene.txt', 'hang');
  await start();
  farm.send({ type: 'run', order: farm.order({}) });
  await farm.untilReport('frame-started');
  farm.send({ type: 'cancel', attemptId: 1, reason: 'stopped' });
  await farm.untilReport('attempt-ended');
  expect(failures()).toEqual([]);
  expect(appsOf(home)).toEqual([]);
});

test('with the farm away the work goes on, and every report arrives in order afterwards', async () => {
  farm.addInput('/scene.txt', 'slow');
  await start();
  farm.send({ type: 'run', order: farm.order({ frames: framesFrom(1, 2) }) });
  await farm.untilReport('frame-started');
  await farm.close();
  await waitUntil(() => readFileSync(join(home, 'logs', '1.log'), 'utf8').includes('frame 2'));
  await farm.open();
  await farm.untilReport('attempt-ended');
  const hello = farm.heard.findLast((one) => one.type === 'hello');
  expect(hello).toMatchObject({ liveAttempts: [1] });
  expect(doneFrames()).toEqual([1001, 1002]);
  const seqs = farm.heard.flatMap((one) => (one.type === 'report' ? one.seq : []));
  expect([...new Set(seqs)]).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  const text = farm.heard.flatMap((one) => (one.type === 'log' ? one.text : [])).join('');
  expect(text).toContain('rendering 1');
  expect(text).not.toContain('FAKE-');
});

test('the home is for one node, remembers its farm, and needs no second code', async () => {
  const first = await start();
  await expect(start()).rejects.toMatchObject({ code: 'NODE_HOME_IN_USE' });
  await first.stop();
  const again = await startNode({
    home,
    log: silentLog,
    clock: systemClock,
    apps: [fakeApp()],
    transfer: () => farm.transfer,
  });
  node = again;
  expect(again.nodeId).toBe(first.nodeId);
  await farm.until((heard) => (heard.filter((one) => one.type === 'hello').length === 2 ? true : undefined));
  expect(farm.enrolments).toBe(1);
});

test('a restarted node uses its work folders again, but none whose inputs were touched', async () => {
  farm.addInput('/scene.txt', 'good');
  const rendered = async (attemptId: number) => {
    const running = await start();
    await farm.until((heard) =>
      heard.filter((one) => one.type === 'hello').length >= attemptId ? true : undefined,
    );
    farm.send({ type: 'run', order: farm.order({ attemptId }) });
    await farm.untilReport('attempt-ended', attemptId);
    await running.stop();
    expect(doneFrames(attemptId)).toEqual([1001]);
    return (await readdir(join(home, 'work'))).join();
  };
  const first = await rendered(1);
  expect(await rendered(2)).toBe(first);
  await appendFile(join(home, 'work', first, 'inputs', 'scene.txt'), ' crash');
  await rendered(3);
  expect(await readFile(join(home, 'work', first, 'inputs', 'scene.txt'), 'utf8').catch(() => 'good')).toBe(
    'good',
  );
});

test('a wrong code, no code and no farm each have their error, and leave the home free', async () => {
  await expect(start({ code: 'wrong' })).rejects.toMatchObject({ code: 'NODE_CODE_REFUSED' });
  await expect(start({ server: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'NODE_FARM_UNREACHABLE',
  });
  const { code: _code, ...rest } = { code: CODE, server: farm.url };
  const nothing = { ...rest, home, log: silentLog, clock: systemClock, apps: [] };
  await expect(startNode(nothing)).rejects.toMatchObject({ code: 'NODE_NOT_ENROLLED' });
  await start();
});

async function refusalOf(attemptId: number): Promise<string> {
  const found = await farm.until((heard) =>
    heard.find((one) => one.type === 'refused' && one.attemptId === attemptId),
  );
  return found.type === 'refused' ? found.code : '';
}

/** Processes that apps of the node in this home left: told by the home in their environment. */
function appsOf(folder: string): number[] {
  return pidsWithVariable(OWNER_VARIABLE, ownerMarkOf(layoutOf(folder)));
}

async function waitUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}
