/** Labels of tasks, and projects. */
import { DatabaseSync } from 'node:sqlite';
import { HOUR } from '@croft/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { farmHome } from './home.ts';
import { auditedFarm } from './testing/audited-farm.ts';
import type { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

const namesOf = async (taskId: number) => (await farm.task(taskId)).labels.map(({ name }) => name);

describe('labels', () => {
  it('come with a new task, are added and taken off by name or id, and each change may be sent twice', async () => {
    const { calls, accountId } = farm;
    const [a, b] = await calls.createTasks(accountId, { count: 2, userLevel: 50, labels: ['day', 'day'] });
    for (let sent = 0; sent < 2; sent++) await calls.addTaskLabel(accountId, 'night', [a!, b!]);
    expect(await namesOf(a!)).toEqual(['day', 'night']);
    for (let sent = 0; sent < 2; sent++) await calls.removeTaskLabels(accountId, [a!], ['day', 'unknown']);
    expect(await namesOf(a!)).toEqual(['night']);
    expect(await namesOf(b!)).toEqual(['day', 'night']);
    const night = (await farm.task(a!)).labels[0]!.id;
    await calls.removeTaskLabels(accountId, [b!], [], [night]);
    expect([await namesOf(a!), await namesOf(b!)]).toEqual([['night'], ['day']]);
    await calls.addTaskLabel(accountId, 'night', [b!]);
    await expect(calls.removeTaskLabels(accountId, [a!], [], [99])).rejects.toMatchObject({ apiCode: 404 });
    for (let sent = 0; sent < 2; sent++) await calls.deleteTaskLabels(accountId, [night]);
    expect([await namesOf(a!), await namesOf(b!)]).toEqual([[], ['day']]);
    await calls.addTaskLabel(accountId, 'night', [a!]);
    expect((await farm.task(a!)).labels[0]!.id).not.toBe(night);
  });

  it('of other accounts and of nobody are refused, and nothing is changed', async () => {
    const { calls, accountId } = farm;
    const [task] = await calls.createTasks(accountId, { count: 1, userLevel: 50, labels: ['day'] });
    const label = (await farm.task(task!)).labels[0]!.id;
    await expect(calls.deleteTaskLabels(accountId, [label, 99])).rejects.toMatchObject({ apiCode: 404 });
    await expect(calls.deleteTaskLabels(999, [label])).rejects.toMatchObject({ apiCode: 605 });
    await expect(calls.addTaskLabel(accountId, 'x', [task!, 5])).rejects.toMatchObject({ apiCode: 404 });
    await expect(calls.addTaskLabel(accountId, ' ', [task!])).rejects.toMatchObject({ apiCode: 600 });
    const many = Array.from({ length: 99 }, (_, index) => `label ${index}`);
    for (const name of many) await calls.addTaskLabel(accountId, name, [task!]);
    await expect(calls.addTaskLabel(accountId, 'one more', [task!])).rejects.toMatchObject({ apiCode: 600 });
    expect(await namesOf(task!)).toEqual(['day', ...many]);
  });

  it('of one task are switched off and on, added and removed as the oldest clients say it', async () => {
    const { calls, accountId } = farm;
    const [task] = await calls.createTasks(accountId, { count: 1, userLevel: 50, labels: ['day'] });
    await calls.operateTaskLabel(accountId, task!, { kind: 'add', name: 'dusk', status: 0 });
    await calls.operateTaskLabel(accountId, task!, { kind: 'status', status: 1 });
    expect(await namesOf(task!)).toEqual([]);
    await calls.operateTaskLabel(accountId, task!, { kind: 'status', status: 0 });
    await calls.operateTaskLabel(accountId, task!, { kind: 'remove', name: 'day' });
    expect(await namesOf(task!)).toEqual(['dusk']);
    const wrong = calls.operateTaskLabel(accountId, task!, { kind: 'status', status: 2 });
    await expect(wrong).rejects.toMatchObject({ apiCode: 600 });
  });

  it('of tasks made by an earlier version are taken over', async () => {
    const taskId = await farm.submit();
    const database = new DatabaseSync(farmHome(farm.home).database);
    database.prepare('update tasks set labels = ? where id = ?').run('["old","older"]', taskId);
    database.close();
    farm.clock.leap(HOUR);
    await farm.calls.settle();
    expect(await namesOf(taskId)).toEqual(['old', 'older']);
    await farm.calls.removeTaskLabels(farm.accountId, [taskId], ['old']);
    farm.clock.leap(HOUR);
    await farm.calls.settle();
    expect(await namesOf(taskId)).toEqual(['older']);
  });

  it('find tasks of a list', async () => {
    const [one, two] = [await farm.submit(), await farm.submit()];
    await farm.calls.addTaskLabel(farm.accountId, 'night', [one]);
    const found = (label: string) => farm.reads.listTasks(farm.accountId, { page: 1, size: 10, label });
    expect((await found('night')).items.map(({ id }) => id)).toEqual([one]);
    expect((await found('day')).total).toBe(0);
    await farm.calls.addTaskLabel(farm.accountId, 'night', [two]);
    expect((await found('night')).total).toBe(2);
  });
});

describe('projects', () => {
  it('are made once, listed with what they are, and deleted as often as one likes', async () => {
    const { calls, accountId } = farm;
    const id = await calls.addProject(accountId, 'film', 0);
    expect(await calls.addProject(accountId, 'film', 1)).toBe(id);
    for (const whose of ['own', 'main', 'team'] as const)
      expect(await calls.listProjects(accountId, whose)).toEqual([{ projectId: id, projectName: 'film' }]);
    await farm.turn(61_000);
    await expect(calls.addProject(accountId, 'film')).rejects.toMatchObject({ apiCode: 503 });
    for (let sent = 0; sent < 2; sent++) await calls.deleteProject(accountId, 'film');
    expect(await calls.listProjects(accountId)).toEqual([]);
  });

  it('of a main account and of colleagues are listed where they are asked for', async () => {
    const { calls, accountId } = farm;
    const sub = async (name: string) =>
      (await calls.createAccount(accountId, { name, mainAccountId: accountId } as never)).accountId;
    const [bea, carl] = [await sub('bea'), await sub('carl')];
    await calls.addProject(accountId, 'main');
    await calls.addProject(bea, 'of bea');
    await calls.addProject(carl, 'of carl');
    const names = async (id: number, whose: 'own' | 'main' | 'team') =>
      (await calls.listProjects(id, whose)).map(({ projectName }) => projectName);
    expect(await names(bea, 'own')).toEqual(['of bea']);
    expect(await names(bea, 'main')).toEqual(['of bea', 'main']);
    expect(await names(bea, 'team')).toEqual(['of bea', 'main', 'of carl']);
    expect(await names(accountId, 'team')).toEqual(['main', 'of bea', 'of carl']);
  });
});
