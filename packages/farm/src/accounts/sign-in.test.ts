import { DAY, HOUR, MINUTE, SECOND } from '@croft/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import type { TestFarm } from '../testing/test-farm.ts';
import type { SignInPlace } from './sessions.ts';

const PASSWORD = 'correct horse battery';
const PLACE: SignInPlace = { address: '10.1.2.3', userAgent: 'a browser', traceId: 'trace-1' };

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(async () => {
  farm = audited.current;
  await farm.calls.setPassword(farm.accountId, { password: PASSWORD, isTrusted: true });
});

const signIn = (password: string, place = PLACE, name = 'ADMIN ') =>
  farm.calls.passwordSignIn(name, password, place);
const outcomes = async () =>
  (await farm.reads.signIns(farm.accountId, { page: 1, size: 100 })).items.map(({ outcome }) => outcome);

describe('a password', () => {
  test('lets in by name in any case, and the session is that of the account', async () => {
    const { token, caller } = await signIn(PASSWORD);
    expect(caller).toMatchObject({ accountId: farm.accountId, role: 'admin' });
    expect(await farm.calls.sessionCaller(token)).toMatchObject({ accountId: farm.accountId });
    const [session] = await farm.calls.sessions(farm.accountId, token);
    expect(session).toMatchObject({
      way: 'password',
      address: '10.1.2.3',
      userAgent: 'a browser',
      isCurrent: true,
    });
    expect(await outcomes()).toEqual([200]);
  });

  test('is spelled in Unicode as keyboards do', async () => {
    await farm.calls.setPassword(farm.accountId, { password: 'caf\u00e9 au lait', isTrusted: true });
    await expect(signIn('cafe\u0301 au lait')).resolves.toMatchObject({ caller: { role: 'admin' } });
  });

  test('wrong is 805, an unknown name 800, no password at all 805', async () => {
    await expect(signIn('wrong one')).rejects.toMatchObject({ apiCode: 805 });
    await expect(signIn(PASSWORD, PLACE, 'nobody')).rejects.toMatchObject({ apiCode: 800 });
    await expect(signIn('', PLACE, '%')).rejects.toMatchObject({ apiCode: 800 });
    await farm.calls.setPassword(farm.accountId, { password: null, isTrusted: true });
    await expect(signIn(PASSWORD)).rejects.toMatchObject({ apiCode: 805 });
    expect(await farm.calls.hasPassword(farm.accountId)).toBe(false);
    expect(await outcomes()).toEqual([805, 805]);
  });

  test.each(['short', 'aaaaaaaaaaaa', 'x'.repeat(201), ''])(
    '%s is refused as a new one',
    async (password) => {
      await expect(
        farm.calls.setPassword(farm.accountId, { password, isTrusted: true }),
      ).rejects.toMatchObject({ code: 'FARM_INVALID' });
      await expect(signIn(PASSWORD)).resolves.toBeDefined();
    },
  );

  test('of one’s own needs the one so far, and ends all sessions but the one that asks', async () => {
    const [here, there] = [await signIn(PASSWORD), await signIn(PASSWORD)];
    const wish = { password: 'another good one', isTrusted: false, keepToken: here.token };
    for (const current of [undefined, '', 'wrong one'])
      await expect(farm.calls.setPassword(farm.accountId, { ...wish, current })).rejects.toMatchObject({
        apiCode: 805,
      });
    await farm.calls.setPassword(farm.accountId, { ...wish, current: PASSWORD });
    expect(await farm.calls.sessionCaller(here.token)).not.toBeNull();
    expect(await farm.calls.sessionCaller(there.token)).toBeNull();
    await expect(signIn(PASSWORD)).rejects.toMatchObject({ apiCode: 805 });
  });
});

describe('wrong passwords', () => {
  const guess = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      signIn(`guess number ${from + index}`).catch((error) => error),
    );

  test('lock at the eighth different one, with the time when it opens; a right one is refused until then', async () => {
    for (const error of await Promise.all(guess(1, 7))) expect(error).toMatchObject({ apiCode: 805 });
    const until = new Date(farm.clock.now() + 15 * MINUTE).toISOString();
    await expect(signIn('guess number 8')).rejects.toMatchObject({
      apiCode: 804,
      message: expect.stringContaining(until),
    });
    await expect(signIn(PASSWORD)).rejects.toMatchObject({ apiCode: 804 });
    farm.clock.leap(15 * MINUTE + SECOND);
    await expect(signIn('guess number 9')).rejects.toMatchObject({ apiCode: 804 });
    farm.clock.leap(15 * MINUTE + SECOND);
    await expect(signIn(PASSWORD)).resolves.toBeDefined();
    expect((await outcomes()).slice(0, 4)).toEqual([200, 804, 804, 804]);
  });

  test('guessed all at once are counted one by one', async () => {
    const errors = await Promise.all(guess(1, 12));
    expect(errors.map(({ apiCode }) => apiCode)).toEqual([...Array(7).fill(805), ...Array(5).fill(804)]);
  });

  test('the same again counts once, so no five quick retries ever lock', async () => {
    for (let call = 0; call < 7; call++)
      for (let retry = 0; retry < 5; retry++)
        await expect(signIn(`typo ${call} of the same`)).rejects.toMatchObject({ apiCode: 805 });
    await expect(signIn(PASSWORD)).resolves.toBeDefined();
  });

  test('are forgotten by a right one, and after a day', async () => {
    await Promise.all(guess(1, 7));
    await signIn(PASSWORD);
    for (const error of await Promise.all(guess(1, 7))) expect(error).toMatchObject({ apiCode: 805 });
    farm.clock.leap(DAY + HOUR);
    for (const error of await Promise.all(guess(8, 7))) expect(error).toMatchObject({ apiCode: 805 });
  });

  test('a lock leaves open sessions and links alone; a new password opens it', async () => {
    const { token } = await signIn(PASSWORD);
    await Promise.all(guess(1, 8));
    expect(await farm.calls.sessionCaller(token)).not.toBeNull();
    const code = await farm.calls.createSignInCode(farm.accountId);
    await expect(farm.calls.redeemSignInCode(code, PLACE)).resolves.toBeDefined();
    await farm.calls.setPassword(farm.accountId, { password: PASSWORD, isTrusted: true });
    await expect(signIn(PASSWORD)).resolves.toBeDefined();
  });
});

describe('addresses', () => {
  const from = (address: string) => signIn(PASSWORD, { ...PLACE, address });

  test('outside the list are refused with 812, by password and by link; a link is not used up by it', async () => {
    await farm.calls.setAddressRule(farm.accountId, ['10.0.0.0/8', '2001:db8::/32', '192.168.1.7']);
    for (const address of ['10.255.0.1', '2001:db8:1::5', '192.168.1.7', '::ffff:10.0.0.1'])
      await expect(from(address)).resolves.toBeDefined();
    for (const address of ['11.0.0.1', '192.168.1.8', '2001:db9::1', '', 'nonsense'])
      await expect(from(address)).rejects.toMatchObject({ apiCode: 812 });
    const code = await farm.calls.createSignInCode(farm.accountId);
    const outside = { ...PLACE, address: '11.0.0.1' };
    await expect(farm.calls.redeemSignInCode(code, outside)).rejects.toMatchObject({ apiCode: 812 });
    await expect(farm.calls.redeemSignInCode(code, PLACE)).resolves.toBeDefined();
    await farm.calls.setAddressRule(farm.accountId, []);
    await expect(from('11.0.0.1')).resolves.toBeDefined();
  });

  test.each([['10.0.0.0/33'], ['10.0.0'], ['::/129'], ['10.0.0.1/8/8'], ['name.example'], ['10.0.0.1/ 8']])(
    '%s is no address',
    async (text) => {
      await expect(farm.calls.setAddressRule(farm.accountId, [text])).rejects.toMatchObject({
        code: 'FARM_INVALID',
      });
      expect(await farm.calls.addressRule(farm.accountId)).toEqual([]);
    },
  );
});

describe('sessions', () => {
  test('end by signing out, by their id, all others at once, and by time', async () => {
    const opened = [await signIn(PASSWORD), await signIn(PASSWORD), await signIn(PASSWORD)] as const;
    await farm.calls.endSessionOf(opened[0].token);
    expect(await farm.calls.sessionCaller(opened[0].token)).toBeNull();
    const list = await farm.calls.sessions(farm.accountId, opened[1].token);
    const other = list.find(({ isCurrent }) => !isCurrent)!;
    expect(JSON.stringify(list)).not.toContain(opened[2].token);
    await farm.calls.endSession(farm.accountId, other.id);
    expect(await farm.calls.sessionCaller(opened[2].token)).toBeNull();
    await expect(farm.calls.endSession(farm.accountId, other.id)).rejects.toMatchObject({ apiCode: 404 });
    await expect(farm.calls.endSession(farm.accountId, '%')).rejects.toMatchObject({ apiCode: 404 });
    await signIn(PASSWORD);
    expect(await farm.calls.endOtherSessions(farm.accountId, opened[1].token)).toBe(1);
    farm.clock.leap(31 * DAY);
    expect(await farm.calls.sessionCaller(opened[1].token)).toBeNull();
  });

  test('hold after the farm was started again', async () => {
    const { token } = await signIn(PASSWORD);
    await farm.restart();
    expect(await farm.calls.sessionCaller(token)).toMatchObject({ accountId: farm.accountId });
  });
});

describe('a sub-account', () => {
  const address = (ip: string) => ({ ...PLACE, address: ip });
  const sub = async () => {
    const wish = { name: 'eve', mainAccountId: farm.accountId };
    return (await farm.calls.createAccount(farm.accountId, wish)).accountId;
  };

  test('has its password from its main account, and may not set that of others', async () => {
    const accountId = await sub();
    await farm.calls.setPassword(farm.accountId, { account: 'EVE', password: PASSWORD, isTrusted: false });
    await expect(signIn(PASSWORD, PLACE, 'eve')).resolves.toMatchObject({ caller: { accountId } });
    for (const account of ['admin', 'nobody'])
      await expect(
        farm.calls.setPassword(accountId, { account, password: PASSWORD, isTrusted: true }),
      ).rejects.toMatchObject({ code: 'FARM_NOT_ALLOWED' });
  });

  test('without a list has that of its main account', async () => {
    const accountId = await sub();
    await farm.calls.setPassword(farm.accountId, { account: 'eve', password: PASSWORD, isTrusted: true });
    await farm.calls.setAddressRule(farm.accountId, ['10.0.0.0/8']);
    await expect(signIn(PASSWORD, address('11.0.0.1'), 'eve')).rejects.toMatchObject({ apiCode: 812 });
    await farm.calls.setAddressRule(farm.accountId, ['11.0.0.0/8'], { account: 'eve' });
    await expect(signIn(PASSWORD, address('11.0.0.1'), 'eve')).resolves.toBeDefined();
    await expect(signIn(PASSWORD, address('10.0.0.1'), 'eve')).rejects.toMatchObject({ apiCode: 812 });
    expect(await farm.calls.addressRule(accountId)).toEqual(['11.0.0.0/8']);
  });

  test('that is disabled is refused with 804, by password, link and open session', async () => {
    const accountId = await sub();
    await farm.calls.setPassword(farm.accountId, { account: 'eve', password: PASSWORD, isTrusted: true });
    const { token } = await signIn(PASSWORD, PLACE, 'eve');
    const code = await farm.calls.createSignInCode(farm.accountId, { account: 'eve' });
    await farm.calls.disableAccount(farm.accountId, accountId);
    await expect(signIn(PASSWORD, PLACE, 'eve')).rejects.toMatchObject({ apiCode: 804 });
    await expect(farm.calls.redeemSignInCode(code, PLACE)).rejects.toMatchObject({ apiCode: 804 });
    expect(await farm.calls.sessionCaller(token)).toBeNull();
    expect((await farm.reads.signIns(accountId, { page: 1, size: 9 })).items[0]).toMatchObject({
      outcome: 804,
    });
  });
});
