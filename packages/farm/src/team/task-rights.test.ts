/** Who may do what with whose tasks: the rule by itself, and every pair of a small company on a real farm. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestFarm } from '../testing/test-farm.ts';
import { actionsOf, type Rights, type TaskAction } from './task-rights.ts';

const ACTIONS: readonly TaskAction[] = ['see', 'control', 'edit', 'delete', 'download'];

/** Two main accounts, 1 and 2, and four sub-accounts, two of each. */
const account = fc
  .record({ id: fc.integer({ min: 1, max: 6 }), mayDelete: fc.boolean(), mayDownload: fc.boolean() })
  .map((one) => ({ ...one, mainId: one.id <= 2 ? 0 : 1 + (one.id % 2) }));
const rights = fc.option(fc.record({ see: fc.boolean(), control: fc.boolean(), download: fc.boolean() }));

describe('the rule', () => {
  test('nothing is allowed that is not seen, and no right opens the tasks of another team', () => {
    fc.assert(
      fc.property(account, account, rights, (viewer, owner, given) => {
        const allowed = actionsOf(viewer, owner, given);
        if (allowed.size > 0) expect(allowed.has('see')).toBe(true);
        const team = (one: typeof viewer) => one.mainId || one.id;
        if (team(viewer) !== team(owner) && viewer.id !== owner.id) expect([...allowed]).toEqual([]);
      }),
    );
  });

  test('more rights never allow less, and less rights never more', () => {
    fc.assert(
      fc.property(account, account, rights, rights, (viewer, owner, a, b) => {
        const both: Rights = {
          see: !!a?.see || !!b?.see,
          control: !!a?.control || !!b?.control,
          download: !!a?.download || !!b?.download,
        };
        const wide = actionsOf(viewer, owner, both);
        for (const action of actionsOf(viewer, owner, a)) expect(wide.has(action)).toBe(true);
        for (const action of actionsOf({ ...viewer, mayDelete: false, mayDownload: false }, owner, a))
          expect(wide.has(action)).toBe(true);
      }),
    );
  });

  test('who has downloads off downloads nothing, its own and its sub-accounts’ included', () => {
    fc.assert(
      fc.property(account, account, rights, (viewer, owner, given) => {
        expect(actionsOf({ ...viewer, mayDownload: false }, owner, given).has('download')).toBe(false);
      }),
    );
  });
});

describe('a company', () => {
  let farm: TestFarm;
  const ids: Record<string, number> = {};
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'yes';
    } catch (thrown) {
      return (thrown as { code?: string }).code ?? String(thrown);
    }
  };
  /** Each action by a call that it allows; what it does to the task is undone by taking a fresh one each time. */
  const act: Record<TaskAction, (byId: number, taskId: number) => Promise<unknown>> = {
    see: (byId, taskId) => farm.reads.task(byId, taskId),
    control: (byId, taskId) => farm.calls.stopTasks(byId, [taskId]),
    edit: (byId, taskId) => farm.calls.putTaskFile(byId, taskId, 'tips.json', '{}'),
    delete: (byId, taskId) => farm.calls.deleteTasks(byId, [taskId]),
    download: (byId, taskId) => farm.reads.mayDownload(byId, taskId),
  };

  beforeAll(async () => {
    farm = await TestFarm.open();
    ids.admin = farm.accountId;
    const make = async (name: string, mainAccountId: number) => {
      ids[name] = (await farm.calls.createAccount(ids.admin!, { name, mainAccountId })).accountId;
    };
    await make('studio', 0);
    for (const name of ['ada', 'bob', 'cyd']) await make(name, ids.studio!);
    await make('rival', 0);
    await make('eve', ids.rival!);
  });
  afterAll(async () => {
    const faults = await farm.faults();
    await farm.end();
    expect(faults).toEqual([]);
  });

  const taskOf = async (name: string) => {
    farm.accountId = ids[name]!;
    return farm.submit();
  };
  const allowed = async (by: string, owner: string): Promise<string> => {
    const said: string[] = [];
    for (const action of ACTIONS) {
      const code = await codeOf(act[action](ids[by]!, await taskOf(owner)));
      if (code !== 'yes') expect(['FARM_NOT_YOURS', 'FARM_NOT_ALLOWED']).toContain(code);
      if (code === 'yes') said.push(action);
      // Whoever may not even see is told the same as a stranger.
      if (action === 'see' && code !== 'yes') expect(code).toBe('FARM_NOT_YOURS');
    }
    return said.join(' ');
  };
  const give = (member: string, owner: string | null, words: string) =>
    farm.calls.setTeamRight(ids.studio!, {
      memberId: ids[member]!,
      ownerId: owner === null ? null : ids[owner]!,
      see: words.includes('see'),
      control: words.includes('control'),
      download: words.includes('download'),
    });
  const ALL = 'see control edit delete download';

  test.each([
    ['ada', 'ada', ALL],
    ['studio', 'ada', ALL],
    ['studio', 'studio', ALL],
    ['ada', 'studio', ''],
    ['ada', 'bob', ''],
    ['studio', 'eve', ''],
    ['eve', 'ada', ''],
    ['rival', 'ada', ''],
    ['admin', 'ada', ''],
  ])('without a word of the main account %s may with the tasks of %s: %s', async (by, owner, expected) => {
    expect(await allowed(by, owner)).toBe(expected);
  });

  test.each([
    ['see', 'see'],
    ['control', 'see control edit delete'],
    ['download', 'see download'],
    ['control,download', ALL],
    ['', ''],
  ])('a member with %j towards a colleague may: %s', async (words, expected) => {
    await give('ada', 'bob', words);
    expect(await allowed('ada', 'bob')).toBe(expected);
    expect(await allowed('bob', 'ada')).toBe('');
    expect(await allowed('ada', 'cyd')).toBe('');
  });

  test('rights towards all hold for colleagues without a line of their own, the main account among them', async () => {
    await give('ada', null, 'see');
    await give('ada', 'bob', '');
    expect(await allowed('ada', 'cyd')).toBe('see');
    expect(await allowed('ada', 'studio')).toBe('see');
    expect(await allowed('ada', 'bob')).toBe('');
    expect(await allowed('ada', 'eve')).toBe('');
    await give('ada', null, '');
    expect(await allowed('ada', 'cyd')).toBe('');
  });

  test('deleting and downloading can be taken from a sub-account, whosever task it is', async () => {
    await give('cyd', 'bob', 'control,download');
    await farm.calls.changeAccount(ids.studio!, ids.cyd!, { subDeleteTask: 0, downloadDisable: 1 });
    expect(await allowed('cyd', 'cyd')).toBe('see control edit');
    expect(await allowed('cyd', 'bob')).toBe('see control edit');
    expect(await allowed('studio', 'cyd')).toBe(ALL);
    await farm.calls.changeAccount(ids.studio!, ids.cyd!, { subDeleteTask: 1, downloadDisable: 0 });
    expect(await allowed('cyd', 'bob')).toBe(ALL);
  });

  test('lists, totals and what is shown follow: a team for its main account, own ones for a member', async () => {
    const listed = async (name: string, ownerId?: number) => {
      const page = await farm.reads.listTasks(ids[name]!, {
        page: 1,
        size: 500,
        ...(ownerId === undefined ? {} : { ownerId }),
      });
      return new Set(page.items.map(({ userName }) => userName));
    };
    for (const name of ['studio', 'ada', 'bob', 'cyd', 'eve']) await taskOf(name);
    expect(await listed('studio')).toEqual(new Set(['studio', 'ada', 'bob', 'cyd']));
    expect(await listed('studio', ids.bob!)).toEqual(new Set(['bob']));
    expect(await listed('studio', ids.eve!)).toEqual(new Set());
    expect(await listed('bob')).toEqual(new Set(['bob']));
    expect(await listed('cyd')).toEqual(new Set(['cyd', 'bob']));
    await farm.calls.changeAccount(ids.studio!, ids.studio!, { displaySubaccount: 0 });
    expect(await listed('studio')).toEqual(new Set(['studio']));
    const alone = await farm.reads.frameTotals(ids.studio!);
    await farm.calls.changeAccount(ids.studio!, ids.studio!, { displaySubaccount: 1 });
    expect((await farm.reads.frameTotals(ids.studio!)).total).toBeGreaterThan(alone.total);
  });

  test('only the main account and administrators give rights, and within the team only', async () => {
    const right = { memberId: ids.ada!, ownerId: ids.bob!, see: true, control: false, download: false };
    for (const [by, wish, code] of [
      ['ada', right, 'FARM_NOT_ALLOWED'],
      ['bob', right, 'FARM_NOT_YOURS'],
      ['rival', right, 'FARM_NOT_YOURS'],
      ['studio', { ...right, ownerId: ids.eve! }, 'FARM_INVALID'],
      ['studio', { ...right, ownerId: ids.ada! }, 'FARM_INVALID'],
      ['studio', { ...right, memberId: ids.studio! }, 'FARM_NOT_ALLOWED'],
      ['admin', { ...right, memberId: ids.studio! }, 'FARM_INVALID'],
      ['studio', { ...right, memberId: 99 }, 'FARM_NOT_FOUND'],
      ['admin', right, 'yes'],
    ] as const)
      expect([by, await codeOf(farm.calls.setTeamRight(ids[by]!, wish))]).toEqual([by, code]);
    expect((await farm.calls.teamRights(ids.ada!)).every(({ memberId }) => memberId === ids.ada)).toBe(true);
  });
});
