import type { AttemptOrder, NodeFacts } from '@croft/contract';
import type { FarmCalls } from '../farm-api.ts';
import { blobIdOf } from './memory-blobs.ts';
import { pictureOf } from './test-farm.ts';

export const crashFacts: NodeFacts = {
  name: 'node',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  cpuModel: 'test',
  cpuThreads: 8,
  memoryBytes: 16e9,
  gpus: [],
  diskFreeBytes: 1e12,
  slots: 2,
  apps: [{ app: 'blender', version: '3.4.1', abilities: [] }],
};

/** Submits a task of 2,000 frames, each of which costs something. */
export async function draftTask(calls: FarmCalls, accountId: number): Promise<number> {
  const price = { platform: 0, machine: '', model: '', per: 'node-hour', amount: '3600' } as const;
  await calls.setPrice(accountId, { ...price, fromAt: 0 });
  await calls.setCredit(accountId, accountId, '1000000');
  const id = blobIdOf('scene');
  await calls.blobsArrived(accountId, [{ id, size: 5 }]);
  const entry = { path: '/s.blend', id, size: 5, mtimeMs: 1 };
  await calls.commitTree({ accountId, root: 'input' }, [entry]);
  const [taskId] = await calls.createTasks(accountId, { count: 1, userLevel: 50 });
  const scene_info = { frames: '1-2000[1]', scenePath: '/s.blend', version: '3.4', needs: [] };
  await calls.putTaskFile(
    accountId,
    taskId!,
    'task.json',
    JSON.stringify({ task_info: { cg_id: '2007' }, scene_info }),
  );
  await calls.submitTask(accountId, taskId!, {});
  return taskId!;
}

const failedOnce = new Set<number>();

/** Reports every frame of the order done; one among ten fails the first time. */
export async function renderOrder(
  calls: FarmCalls,
  nodeId: string,
  accountId: number,
  order: AttemptOrder,
): Promise<void> {
  const { attemptId } = order;
  for (const frame of order.frames) {
    const { frameId } = frame;
    await calls.nodeReport(nodeId, { kind: 'frame-started', attemptId, frameId, at: 1 });
    const times = { attemptId, frameId, startedAt: 1, endedAt: 20 };
    if (frameId % 10 === 0 && !failedOnce.has(frameId)) {
      failedOnce.add(frameId);
      const failure = { failure: 'scene', code: 'X', reason: 'one in ten' } as const;
      await calls.nodeReport(nodeId, { kind: 'frame-failed', ...times, ...failure });
      continue;
    }
    const result = pictureOf(order, frame);
    await calls.blobsArrived(accountId, [{ id: result.id, size: result.size }]);
    await calls.nodeReport(nodeId, {
      kind: 'frame-done',
      ...times,
      results: [result],
      peakMemoryBytes: null,
    });
  }
  await calls.nodeReport(nodeId, { kind: 'attempt-ended', attemptId, at: 20, reason: null });
}
