import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TaskWish, TestFarm, type TestNode } from '../testing/test-farm.ts';

/** Small numbers that pick among whatever there is when the step is taken. */
const pick = fc.nat({ max: 1000 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('render' as const), node: pick, order: pick, frame: pick }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      node: pick,
      order: pick,
      frame: pick,
      as: pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), node: pick, order: pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('lose' as const), node: pick, ms: fc.constantFrom(0, 50_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('full-speed' as const), of: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), of: pick, nodes: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('time' as const), seconds: fc.constantFrom(0, 5, 100_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), of: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), of: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-all' as const), of: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-failed' as const), of: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-some' as const), frame: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop-some' as const), frame: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop-running' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-farm' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(20, 11_000, 400_000) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const CLASSES = ['scene', 'node', 'memory', 'timeout'] as const;

const SEGMENTS = [
  { frames: '1-3[1]', stage: 'priority', frameType: 4, pauseAfter: true },
  { frames: '10-30[1]' },
];
const WISHES: [string, TaskWish, number][] = [
  ['a task', { segments: SEGMENTS }, 24],
  [
    'a family',
    {
      children: [
        { layerName: 'photons', taskType: 'RenderPhoton', frames: '1-2[1]' },
        { layerName: 'after them', after: 0, frames: '1-9[1]' },
        { layerName: 'beside them', frames: '1-3[1]', segments: SEGMENTS },
      ],
    },
    35,
  ],
];

test.each(WISHES)(
  '%s: whatever users and nodes do, the auditor finds nothing, and it can still be finished',
  async (_, wish, frames) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const farm = await TestFarm.open();
        try {
          const nodes = [await farm.addNode({ name: 'a', slots: 2 }), await farm.addNode({ name: 'b' })];
          const taskId = await farm.submit(wish);
          for (const one of steps) {
            await take(farm, nodes, taskId, one);
            await farm.turn(20);
            expect(await farm.faults()).toEqual([]);
          }
          await finish(farm, nodes, taskId);
          expect(await farm.faults()).toEqual([]);
          expect(await farm.task(taskId)).toMatchObject({
            status: 25,
            frames: { total: frames, done: frames },
          });
        } finally {
          await farm.end();
        }
      }),
      { numRuns: 9, endOnFailure: true },
    );
  },
);

async function take(farm: TestFarm, nodes: TestNode[], topId: number, one: Step): Promise<void> {
  const { calls, accountId } = farm;
  const family = [topId, ...(await farm.task(topId)).childIds];
  const taskId = family[('of' in one ? one.of : 0) % family.length]!;
  const node = nodes[('node' in one ? one.node : 0) % nodes.length]!;
  const order = 'order' in one ? node.orders[one.order % Math.max(1, node.orders.length)] : undefined;
  const frame = order && 'frame' in one ? order.frames[one.frame % order.frames.length] : undefined;
  const rows = await farm.reads.frames(accountId, taskId, { page: 1, size: 100 });
  const named = 'frame' in one ? [rows.items[one.frame % rows.items.length]!.id] : [];
  switch (one.do) {
    case 'render':
      if (order && frame) {
        await node.started(order, frame);
        await node.done(order, frame);
      }
      return;
    case 'fail':
      if (order && frame) await node.failed(order, frame, CLASSES[one.as % CLASSES.length]!);
      return;
    case 'end':
      if (order) await node.ended(order);
      return;
    case 'lose':
      await node.disconnect();
      await farm.turn(one.ms);
      return node.connect();
    case 'full-speed':
      return calls.fullSpeed(accountId, [taskId]);
    case 'limit':
      return calls.setNodeLimit(accountId, taskId, one.nodes);
    case 'time':
      return calls.setOverTimeStop(accountId, [taskId], one.seconds);
    case 'stop':
      return calls.stopTasks(accountId, [taskId]);
    case 'start':
      return calls.startTasks(accountId, [taskId]);
    case 'restart-all':
      return calls.restartFrames(accountId, taskId);
    case 'restart-failed':
      return calls.restartFailedFrames(accountId, [taskId]);
    case 'restart-some':
      return calls.restartFrames(accountId, taskId, named);
    case 'stop-some':
      return calls.stopFrames(accountId, taskId, named);
    case 'stop-running':
      return calls.stopFrames(accountId, taskId, undefined, [2]);
    case 'restart-farm':
      await farm.restart();
      for (const each of nodes) await each.connect();
      return;
    case 'wait':
      return farm.turn(one.ms);
  }
}

/** Nodes come back, everything that failed or stopped is restarted, and all is rendered. */
async function finish(farm: TestFarm, nodes: TestNode[], taskId: number): Promise<void> {
  for (const node of nodes) await node.connect();
  await farm.calls.setOverTimeStop(farm.accountId, [taskId], 0);
  for (let round = 0; round < 6; round++) {
    await farm.calls.restartFailedFrames(farm.accountId, [taskId], [3, 5, 11]);
    await farm.calls.startTasks(farm.accountId, [taskId]);
    await farm.turn(4_000_000);
    for (const node of nodes) await node.connect();
    for (const node of nodes) await node.renderAll();
    if ((await farm.task(taskId)).status === 25) return;
  }
}
