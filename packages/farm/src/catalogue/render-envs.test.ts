import { MINUTE, SECOND } from '@croft/contract';
import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import type { RenderEnvWish } from './render-envs.ts';

const holder = auditedFarm();

function wish(editName: string, over: Partial<RenderEnvWish> = {}): RenderEnvWish {
  return {
    cgId: 2007,
    cgName: 'Blender',
    cgVersion: '4.2',
    editName,
    osName: 0,
    renderLayerType: 0,
    projectPath: '',
    pluginIds: [],
    ...over,
  };
}

const namesOf = async (filter: Parameters<typeof holder.current.reads.renderEnvs>[1] = { cgIds: [] }) =>
  (await holder.current.reads.renderEnvs(holder.current.accountId, filter)).map(({ editName }) => editName);

test('environments are added, changed, listed and deleted, each call harmless when it comes again', async () => {
  const { calls, reads, accountId, clock } = holder.current;
  for (let again = 0; again < 2; again++) await calls.addRenderEnv(accountId, wish('film'));
  await calls.addRenderEnv(accountId, wish('old', { cgVersion: '3.4', osName: 1 }));
  await calls.addRenderEnv(accountId, wish('maya', { cgId: 2000, cgName: 'Maya', cgVersion: '2020' }));
  await expect(calls.addRenderEnv(accountId, wish('film', { cgVersion: '3.4' }))).rejects.toMatchObject({
    code: 'FARM_ENV_EXISTS',
  });
  expect(await namesOf()).toEqual(['film', 'maya', 'old']);
  expect(await namesOf({ cgIds: [2007] })).toEqual(['film', 'old']);
  expect(await namesOf({ cgIds: [2000, 2007], osName: 1 })).toEqual(['old']);
  for (let again = 0; again < 2; again++)
    await calls.updateRenderEnv(accountId, wish('film', { cgVersion: '4.5', projectPath: 'P:/x' }));
  for (let again = 0; again < 2; again++) await calls.setDefaultRenderEnv(accountId, 'film');
  await calls.setDefaultRenderEnv(accountId, 'maya');
  await calls.setDefaultRenderEnv(accountId, 'old');
  const defaults = (await reads.renderEnvs(accountId, { cgIds: [] })).filter(({ isDefault }) => isDefault);
  expect(defaults).toMatchObject([{ editName: 'maya' }, { editName: 'old', cgVersion: '3.4' }]);
  for (let again = 0; again < 2; again++) await calls.deleteRenderEnv(accountId, 'film');
  expect(await namesOf()).toEqual(['maya', 'old']);
  await clock.turn(MINUTE + SECOND);
  await expect(calls.deleteRenderEnv(accountId, 'film')).rejects.toMatchObject({ code: 'FARM_ENV_UNKNOWN' });
  await calls.addRenderEnv(accountId, wish('film', { cgVersion: '3.6' }));
  expect(await namesOf()).toEqual(['film', 'maya', 'old']);
});

test('what is unknown is refused and changes nothing', async () => {
  const { calls, accountId } = holder.current;
  const codeOf = (call: Promise<void>) => call.then(() => 'done').catch((thrown) => thrown.apiCode);
  expect(await codeOf(calls.updateRenderEnv(accountId, wish('no')))).toBe(404);
  expect(await codeOf(calls.deleteRenderEnv(accountId, 'no'))).toBe(404);
  expect(await codeOf(calls.setDefaultRenderEnv(accountId, 'no'))).toBe(404);
  expect(await codeOf(calls.addRenderEnv(accountId, wish('x', { cgId: 5 })))).toBe(404);
  expect(await codeOf(calls.addRenderEnv(accountId, wish('x', { pluginIds: [77] })))).toBe(404);
  expect(await codeOf(calls.addRenderEnv(accountId, wish('x', { osName: 3 })))).toBe(600);
  expect(await namesOf()).toEqual([]);
});

const TWO_BLENDERS = [
  { app: 'blender', version: '3.4.1', abilities: [] },
  { app: 'blender', version: '4.2.3', abilities: [] },
];

test('the chosen environment decides which of two Blenders renders', async () => {
  const { current: farm } = holder;
  const { calls, accountId } = farm;
  const node = await farm.addNode({ apps: TWO_BLENDERS, slots: 10 });
  await calls.addRenderEnv(accountId, wish('new'));
  await calls.addRenderEnv(accountId, wish('old', { cgVersion: '3.4' }));
  const versionOf = async (taskWish: Parameters<typeof farm.submit>[0]) => {
    const taskId = await farm.submit({ frames: '1', ...taskWish });
    return node.orders.find((order) => order.taskId === taskId)?.appVersion;
  };
  expect(await versionOf({ version: '3.4' })).toBe('3.4.1');
  expect(await versionOf({ version: '3.4', taskInfo: { edit_name: 'new' } })).toBe('4.2.3');
  expect(await versionOf({ version: '4.2', taskInfo: { edit_name: 'old' } })).toBe('3.4.1');
  await calls.setDefaultRenderEnv(accountId, 'new');
  expect(await versionOf({ version: '' })).toBe('4.2.3');
  expect(await versionOf({ version: '3.4' })).toBe('3.4.1');
  await calls.setDefaultRenderEnv(accountId, 'old');
  expect(await versionOf({ version: '' })).toBe('3.4.1');
});

test('an environment that is unknown or of another app is refused at submit', async () => {
  const { current: farm } = holder;
  await farm.calls.addRenderEnv(farm.accountId, wish('maya', { cgId: 2000, cgVersion: '2020' }));
  const codeOf = (edit_name: string) =>
    farm.submit({ frames: '1', taskInfo: { edit_name } }).catch((thrown) => thrown.code);
  expect(await codeOf('nosuch')).toBe('FARM_ENV_UNKNOWN');
  expect(await codeOf('maya')).toBe('FARM_INVALID');
});
