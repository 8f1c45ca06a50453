/** Keys: what they may, their rotation, and who may have them. */
import { HOUR } from '@croft/contract';
import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';

const farm = auditedFarm();

test('a rotated key has a new secret at once, and its old one for the time of grace', async () => {
  const { calls, accountId, clock } = farm.current;
  const key = await calls.createKey(accountId, 'render', 'submit');
  expect(await calls.keySecret(key.accessId)).toMatchObject({
    secret: key.accessKey,
    previousSecret: null,
    rights: 'submit',
    isLocked: false,
  });
  const rotated = await calls.rotateKey(accountId, key.accessId, 2 * HOUR);
  expect(rotated).toMatchObject({ accessId: key.accessId, previousUntil: clock.now() + 2 * HOUR });
  expect(rotated.accessKey).not.toBe(key.accessKey);
  expect(await calls.keySecret(key.accessId)).toMatchObject({
    secret: rotated.accessKey,
    previousSecret: key.accessKey,
    rights: 'submit',
  });
  await farm.current.turn(2 * HOUR);
  expect((await calls.keySecret(key.accessId))?.previousSecret).toBeNull();
  const again = await calls.rotateKey(accountId, key.accessId, 0);
  expect(again.previousUntil).toBeNull();
  expect((await calls.keySecret(key.accessId))?.previousSecret).toBeNull();
  for (const graceMs of [-1, 31 * 24 * HOUR, Number.NaN, 0.5])
    await expect(calls.rotateKey(accountId, key.accessId, graceMs)).rejects.toMatchObject({
      code: 'FARM_INVALID',
    });
});

test('a disabled key ends with both its secrets, and cannot be rotated', async () => {
  const { calls, accountId } = farm.current;
  const key = await calls.createKey(accountId, 'render');
  await calls.rotateKey(accountId, key.accessId);
  await calls.disableKey(accountId, key.accessId);
  await calls.disableKey(accountId, key.accessId);
  expect(await calls.keySecret(key.accessId)).toMatchObject({ isLocked: true, previousSecret: null });
  await expect(calls.rotateKey(accountId, key.accessId)).rejects.toMatchObject({ code: 'FARM_INVALID' });
  const [row] = (await calls.listKeys(accountId, accountId)).filter(
    ({ accessId }) => accessId === key.accessId,
  );
  expect(row).toMatchObject({ name: 'render', rights: 'full', disabledAt: expect.any(Number) });
  expect(JSON.stringify(row)).not.toContain(key.accessKey);
});

test('keys lock with their account, with its main account, and when its time ends', async () => {
  const { calls, accountId: admin, clock } = farm.current;
  const { accountId: studio } = await calls.createAccount(admin, { name: 'studio', mainAccountId: 0 });
  const { accountId: ada } = await calls.createAccount(studio, { name: 'ada', mainAccountId: studio });
  const { accessId } = await calls.createKey(ada, 'k');
  const isLocked = async () => (await calls.keySecret(accessId))?.isLocked;
  expect(await isLocked()).toBe(false);
  await calls.disableAccount(studio, ada);
  expect(await isLocked()).toBe(true);
  await calls.enableAccount(studio, ada);
  expect(await isLocked()).toBe(false);
  await calls.disableAccount(admin, studio);
  expect(await isLocked()).toBe(true);
  await calls.enableAccount(admin, studio);
  await calls.changeAccount(studio, ada, { endsAt: clock.now() + HOUR });
  expect(await isLocked()).toBe(false);
  await farm.current.turn(HOUR);
  expect(await isLocked()).toBe(true);
});

test('keys are made, listed, rotated and disabled by their account and by who manages it', async () => {
  const { calls, accountId: admin } = farm.current;
  const account = async (by: number, name: string, mainAccountId: number) =>
    (await calls.createAccount(by, { name, mainAccountId })).accountId;
  const studio = await account(admin, 'studio', 0);
  const ada = await account(studio, 'ada', studio);
  const bob = await account(studio, 'bob', studio);
  const { accessId } = await calls.createKeyFor(studio, ada, 'made by the main account', 'read');
  for (const by of [ada, studio, admin]) {
    expect(await calls.listKeys(by, ada)).toHaveLength(1);
    await calls.rotateKey(by, accessId);
  }
  const foreign = { code: 'FARM_NOT_YOURS', apiCode: 605 };
  await expect(calls.listKeys(bob, ada)).rejects.toMatchObject(foreign);
  await expect(calls.rotateKey(bob, accessId)).rejects.toMatchObject(foreign);
  await expect(calls.disableKey(bob, accessId)).rejects.toMatchObject(foreign);
  await expect(calls.createKeyFor(bob, ada, 'x')).rejects.toMatchObject(foreign);
  await expect(calls.createKeyFor(ada, studio, 'x')).rejects.toMatchObject(foreign);
  await expect(calls.disableKey(admin, 'none')).rejects.toMatchObject({ code: 'FARM_NOT_FOUND' });
});
