import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';

const holder = auditedFarm();

async function declare(content: object): Promise<void> {
  await writeFile(join(holder.current.home, 'catalogue.json'), JSON.stringify(content));
  await holder.current.calls.settle();
}

const outcomeOf = (wish: Parameters<typeof holder.current.submit>[0]) =>
  holder.current.submit({ frames: '1', ...wish }).then(
    () => 'taken',
    (thrown) => thrown.message as string,
  );

test('a version that no node can render is refused with those there are, never one that a node would render', async () => {
  const { current: farm } = holder;
  expect(await outcomeOf({ version: '9.9' })).toBe('taken');
  await farm.addNode();
  for (const version of ['3.4', '3.4.0', '3.4.1', '3.3.9', '2.79', ''])
    expect(await outcomeOf({ version })).toBe('taken');
  expect(await outcomeOf({ version: '4.2' })).toBe('the farm has Blender 3.4.1; the task needs 4.2 or newer');
  await declare({ apps: [{ cgId: 2007, versions: ['4.2'] }] });
  expect(await outcomeOf({ version: '4.2' })).toBe('taken');
  expect(await farm.reads.catalogueApps()).toMatchObject([
    { cgId: 2007, app: 'blender', versions: ['3.4.1', '4.2'], installed: ['3.4.1'] },
  ]);
});

test('plug-ins are judged where the operator declares some, and bind the task to their nodes', async () => {
  const { current: farm } = holder;
  const plain = await farm.addNode({ name: 'plain' });
  expect(await outcomeOf({ plugins: { anything: '1' } })).toBe('taken');
  await plain.renderAll();
  await declare({
    apps: [
      {
        cgId: 2007,
        plugins: [
          { name: 'Scatter', versions: ['5.1', '5.2'], nodes: ['with-*'] },
          { name: 'Luts', versions: ['1'] },
        ],
      },
      { cgId: 910_001, name: 'Studio Tracer', versions: ['7'] },
    ],
  });
  expect(await outcomeOf({ plugins: { anything: '1' } })).toBe(
    'the farm has no plug-in anything 1; it has Scatter 5.1, Scatter 5.2, Luts 1',
  );
  expect(await outcomeOf({ plugins: { scatter: '4' } })).toBe(
    'the farm has no plug-in scatter 4; it has Scatter 5.1, Scatter 5.2',
  );
  const orders = plain.orders.length;
  const taskId = await farm.submit({ frames: '1', plugins: { scatter: '5.1', Luts: '1' } });
  expect(plain.orders).toHaveLength(orders);
  expect((await farm.task(taskId)).waitingFor).toEqual(['Node plain has not all of: scatter 5.1.']);
  const node = await farm.addNode({ name: 'with-1' });
  expect(node.orders).toMatchObject([{ taskId }]);
  const apps = await farm.reads.catalogueApps();
  expect(apps.map(({ cgId, name, app }) => [cgId, name, app])).toEqual([
    [2007, 'Blender', 'blender'],
    [910_001, 'Studio Tracer', null],
  ]);
  const ids = apps[0]!.plugins.map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
});
