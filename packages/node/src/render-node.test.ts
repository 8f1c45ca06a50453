import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import type { App } from '@croft/dcc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NodeOptions, type RunningNode, startNode } from './index.ts';
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
    env: process.env,
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
