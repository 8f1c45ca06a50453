/** `croft accounts`, `croft keys` and `croft assets`, as typed, on the home of a farm that does not run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { croft as runCroft } from '../testing/croft.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-accounts-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const croft = (words: string, ...more: string[]) => runCroft([...words.split(' '), ...more, '--home', home]);

async function json(words: string) {
  const { code, stdout, stderr } = await croft(words, '--json');
  expect([words, code, code === 0 ? '' : stderr]).toEqual([words, 0, '']);
  return JSON.parse(stdout);
}

it('an account is made, changed, given rights and keys, locked out and deleted', async () => {
  const ada = await json('accounts create ada email=ada@example.org shareMainCapital=1');
  expect(ada).toMatchObject({ name: 'ada', role: 'user', fields: { shareMainCapital: 1 } });
  const bob = await json('accounts create bob');
  expect((await json('accounts list')).items.map(({ name }: { name: string }) => name)).toEqual([
    'admin',
    'ada',
    'bob',
  ]);
  const changed = await json('accounts set ADA downloadDisable=1 endsAt=2027-01-31');
  expect(changed.fields).toMatchObject({ downloadDisable: 1, endsAt: Date.UTC(2027, 0, 31) });
  expect((await json(`accounts show ${ada.accountId}`)).fields).toEqual(changed.fields);
  const right = {
    memberId: ada.accountId,
    ownerId: bob.accountId,
    see: true,
    control: false,
    download: true,
  };
  expect(await json('accounts team ada bob download')).toEqual({ items: [right], total: 1 });
  expect((await json('accounts team ada all none')).items).toEqual([right]);

  const key = await json('keys create --account ada --rights submit --name pipeline');
  expect(key.accountId).toBe(ada.accountId);
  const rotated = await json(`keys rotate ${key.accessId} --grace-hours 2`);
  expect(rotated).toMatchObject({ accessId: key.accessId, previousUntil: expect.any(Number) });
  expect(rotated.accessKey).not.toBe(key.accessKey);
  await json(`keys disable ${key.accessId}`);
  const [row] = (await json('keys list --account ada')).items;
  expect(row).toMatchObject({ name: 'pipeline', rights: 'submit', disabledAt: expect.any(Number) });

  await json('accounts disable ada');
  expect((await croft('accounts list')).stdout).toMatch(/ada .*disabled/);
  await json('accounts enable ada');
  await json('accounts delete ada');
  expect((await json('accounts list')).items).toHaveLength(2);
  expect(await json('assets delete /nothing')).toEqual({ path: '/nothing', deleted: 0 });
});

it.each([
  ['accounts frob', 2],
  ['accounts show nobody', 8],
  ['accounts create admin', 2],
  ['accounts create x whatever=7', 2],
  ['accounts team admin all everything', 2],
  ['accounts delete admin', 6],
  ['keys rotate nothing', 8],
])('croft %s ends with %i and a sentence', async (words, code) => {
  const outcome = await croft(words);
  expect([words, outcome.code]).toEqual([words, code]);
  expect(outcome.stderr).toMatch(/^croft: \S/);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
});
