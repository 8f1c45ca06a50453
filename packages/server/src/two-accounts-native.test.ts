/**
 * The native API between accounts: whatever one names of another is refused, with the same words everywhere, and nothing of it
 * changes or shows. A route that nobody put into these tables fails here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeRoutes } from './native/routes.ts';
import type { TestKey as Key } from './testing/real-server.ts';
import { SECRET, startTwoAccounts, type TwoAccounts } from './testing/two-accounts.ts';

let two: TwoAccounts;
beforeAll(async () => {
  two = await startTwoAccounts();
});
afterAll(() => two.close());

describe('native API', () => {
  const UNNAMED = ['/tasks', '/nodes', '/events', '/node-codes', '/platforms', '/catalogue'];
  /** Routes about accounts and keys: shown below for each of them. */
  const ACCOUNTS = [
    '/accounts',
    '/accounts/team',
    '/accounts/{accountId}',
    '/accounts/{accountId}/disable',
    '/accounts/{accountId}/enable',
    '/accounts/{accountId}/delete',
    '/keys',
    '/keys/{accessId}/rotate',
    '/keys/{accessId}/disable',
    '/assets/delete',
  ];
  /** About the caller's own account, or about one that only administrators and main accounts may name. */
  const SIGN_IN = [
    '/sessions',
    '/sessions/password',
    '/session',
    '/session/end',
    '/sessions/end-others',
    '/sessions/{session}/end',
    '/password',
    '/sign-in-codes',
    '/address-rule',
    '/records/operations',
    '/records/sign-ins',
  ];
  /** About the caller's own render environments. */
  const ENVS = ['', '/change', '/delete', '/default'].map((end) => `/render-envs${end}`);
  /** Routes about money, with a body that an administrator may send: shown below for each of them. */
  const MONEY: Record<string, object> = {
    '/money/prices': { platform: 0, machine: '', model: '', per: 'node-hour', amount: '0' },
    '/money/prices/{priceId}/remove': {},
    '/money/currency': { currency: 'EUR' },
    '/money/accounts/{accountId}': {},
    '/money/accounts/{accountId}/statement': {},
    '/money/accounts/{accountId}/top-up': { amount: '5' },
    '/money/accounts/{accountId}/pay-out': { amount: '1' },
    '/money/accounts/{accountId}/credit': { amount: '2' },
    '/money/accounts/{accountId}/limit': { amount: null },
    '/money/accounts/{accountId}/vouchers': { amount: '3' },
    '/money/accounts/{accountId}/packages': {
      name: 'film',
      paid: '1',
      covers: { kind: 'project', project: 'film', amount: '1' },
    },
    '/money/vouchers/{thingId}/end': {},
    '/money/packages/{thingId}/end': {},
    '/money/frames/{frameId}/refund': {},
  };
  /** What is stored, and reading all of it: shown below. */
  const STORED = ['/files', '/scrub'];
  const queryOf: Record<string, (frame: number) => string> = {
    '/tasks/{id}/log': (frame) => `?frame=${frame}`,
    '/tasks/{id}/results/file': () => '?path=/0001.png',
  };
  const bodyOf: Record<string, object> = {
    '/tasks/{id}/hardware': { ids: [301] },
    '/tasks/{id}/limit': { nodes: 1 },
    '/tasks/{id}/time-limit': { seconds: 1 },
    '/tasks/{id}/level': { level: 1 },
    '/tasks/{id}/labels': { name: 'mine' },
    '/tasks/{id}/labels/remove': { name: 'hers' },
  };

  it('names a task in every route but the known ones', () => {
    const unnamed = nativeRoutes.filter(({ path }) => !path.includes('{id}')).map(({ path }) => path);
    expect([...new Set(unnamed)].sort()).toEqual(
      [...UNNAMED, ...ACCOUNTS, ...Object.keys(MONEY), ...SIGN_IN, ...ENVS, ...STORED].sort(),
    );
  });

  it.each(nativeRoutes.filter(({ path }) => path.includes('{id}')).map(({ method, path }) => [method, path]))(
    '%s %s is closed to others',
    async (method, path) => {
      const before = await two.whatAdaSees();
      const sent = bodyOf[path] === undefined ? { method } : { method, body: JSON.stringify(bodyOf[path]) };
      const target = (id: number, frame = two.task.frame) =>
        `/api/v1${path.replace('{id}', String(id))}${queryOf[path]?.(frame) ?? ''}`;
      for (const stranger of [two.eve, two.sam]) {
        const foreign = await two.ask(stranger, target(two.task.id), sent);
        expect(foreign.status).toBe(403);
        expect(foreign.text).toContain('FARM_NOT_YOURS');
        expect(foreign.text).not.toMatch(SECRET);
      }
      // Who may see it only: looks are answered, changes and downloads are not.
      const isLook = method === 'GET' && !path.endsWith('/file');
      expect([path, (await two.ask(two.vic, target(two.task.id), sent)).status]).toEqual([
        path,
        isLook ? 200 : 403,
      ]);
      expect((await two.ask(two.eve, target(999_999_999), sent)).status).toBe(404);
      expect((await two.ask(null, target(two.task.id), sent)).status).toBe(401);
      expect((await two.ask(two.eve, target(two.evesTask, two.task.frame), sent)).text).not.toMatch(
        /secret|scene\.blend/,
      );
      expect(await two.whatAdaSees()).toBe(before);
    },
  );

  it('render environments are changed by their account only', async () => {
    const wish = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', editName: 'hidden' };
    const post = (key: Key, end: string, body: object) =>
      two.ask(key, `/api/v1/render-envs${end}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await post(two.ada, '', wish)).status).toBe(200);
    expect((await two.ask(two.ada, '/api/v1/render-envs')).text).toContain('hidden');
    // A sub-account uses those of its main account, and changes none of them.
    expect((await two.ask(two.sam, '/api/v1/render-envs')).text).toContain('hidden');
    expect((await two.ask(two.eve, '/api/v1/render-envs')).text).toBe('[]');
    for (const end of ['/change', '/delete', '/default'])
      expect((await post(two.eve, end, wish)).status).toBe(404);
    expect((await post(two.ada, '/delete', { editName: 'hidden' })).status).toBe(200);
  });

  it('accounts and keys of others are closed, those of sub-accounts are the main account’s', async () => {
    const samsKey = await two.calls.createKey(two.sam.accountId, 'another');
    const at = (path: string, accountId: number, accessId: string) =>
      `/api/v1${path.replace('{accountId}', String(accountId)).replace('{accessId}', accessId)}`;
    const named = nativeRoutes.filter(({ path }) => ACCOUNTS.includes(path) && path.includes('{'));
    const bodies: Record<string, object> = { '/accounts/{accountId}': { fields: { job: 'artist' } } };
    for (const { method, path } of named) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(bodies[path] ?? {}) };
      const target = at(path, two.sam.accountId, samsKey.accessId);
      for (const other of [two.eve, two.vic]) {
        const refused = await two.ask(other, target, sent);
        expect([path, refused.status]).toEqual([path, 403]);
        expect(refused.text).toContain('FARM_NOT_YOURS');
      }
      expect((await two.ask(two.sam, at(path, two.ada.accountId, two.ada.accessId), sent)).status).toBe(403);
      expect((await two.ask(two.ada, at(path, 99, 'none'), sent)).status).toBe(404);
      expect((await two.ask(null, target, sent)).status).toBe(401);
    }
    for (const { method, path } of named.filter(({ path }) => !path.endsWith('/delete'))) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(bodies[path] ?? {}) };
      expect([
        path,
        (await two.ask(two.ada, at(path, two.sam.accountId, samsKey.accessId), sent)).status,
      ]).toEqual([path, 200]);
    }
    expect(JSON.parse((await two.ask(two.sam, '/api/v1/accounts')).text)).toHaveLength(1);
    expect((await two.ask(two.eve, `/api/v1/keys?account=${two.sam.accountId}`)).status).toBe(403);
    expect((await two.ask(two.ada, `/api/v1/keys?account=${two.sam.accountId}`)).text).not.toMatch(
      /accessKey|secret/,
    );
    const wish = { memberId: two.sam.accountId, ownerId: null, see: true, control: true, download: true };
    const asked = { method: 'POST', body: JSON.stringify(wish) };
    expect((await two.ask(two.sam, '/api/v1/accounts/team', asked)).status).toBe(403);
    expect((await two.ask(two.eve, '/api/v1/accounts/team', asked)).status).toBe(403);
    const made = { method: 'POST', body: JSON.stringify({ name: 'x', mainAccountId: 0 }) };
    for (const key of [two.eve, two.sam])
      expect((await two.ask(key, '/api/v1/accounts', made)).status).toBe(403);
  });

  it('money is changed by administrators only, and seen by who it belongs to', async () => {
    const routes = nativeRoutes.filter(({ path }) => Object.hasOwn(MONEY, path));
    const at = (path: string, accountId: number) =>
      `/api/v1${path
        .replace('{accountId}', String(accountId))
        .replace(/\{(thing|price)Id\}/, '1')
        .replace('{frameId}', String(two.task.frame))}`;
    const standing = async (key: Key, accountId: number) =>
      JSON.parse((await two.ask(key, at('/money/accounts/{accountId}', accountId))).text);
    const before = await standing(two.ada, two.eve.accountId);
    for (const { method, path } of routes) {
      const sent = method === 'GET' ? {} : { method, body: JSON.stringify(MONEY[path]) };
      expect((await two.ask(null, at(path, two.eve.accountId), sent)).status).toBe(401);
      if (method === 'GET' && path === '/money/prices') continue;
      // A sub-account of somebody else, and whose money it is: looking at one's own is all they may.
      expect([path, (await two.ask(two.sam, at(path, two.eve.accountId), sent)).status]).toEqual([path, 403]);
      const own = await two.ask(two.eve, at(path, two.eve.accountId), sent);
      expect([path, own.status]).toEqual([path, method === 'GET' ? 200 : 403]);
    }
    expect(await standing(two.ada, two.eve.accountId)).toEqual(before);
    // In an order in which each finds what it needs: the currency is said before there are movements.
    const posts = routes.filter(({ method }) => method === 'POST');
    posts.sort((a, b) => Number(b.path === '/money/currency') - Number(a.path === '/money/currency'));
    for (const { path } of posts) {
      const reply = await two.ask(two.ada, at(path, two.eve.accountId), {
        method: 'POST',
        body: JSON.stringify(MONEY[path]),
      });
      // The frame of the test was free: there is nothing to give back.
      expect([path, reply.status]).toEqual([path, path.endsWith('/refund') ? 404 : 200]);
    }
    expect(await standing(two.eve, two.eve.accountId)).toMatchObject({
      currency: 'EUR',
      balance: '4.00',
      credit: '2.00',
      vouchers: [{ amount: '3.00', left: '0.00', endedAt: expect.any(Number) }],
      packages: [{ kind: 'project', left: '0.00', endedAt: expect.any(Number) }],
    });
    const wrong = { method: 'POST', body: JSON.stringify({ amount: '1,5' }) };
    expect(
      (await two.ask(two.ada, at('/money/accounts/{accountId}/top-up', two.eve.accountId), wrong)).status,
    ).toBe(400);
  });

  it('shows what is stored to its owner and who may download, and scrubs for administrators only', async () => {
    const files = (of: string) => `/api/v1/files?${of}`;
    for (const root of ['input', 'output', 'config']) {
      for (const stranger of [two.eve, two.sam, two.vic]) {
        const shown = await two.ask(stranger, files(`root=${root}`));
        expect(JSON.parse(shown.text)).toMatchObject({ files: 0, items: [], next: null });
        expect((await two.ask(stranger, files(`root=${root}&path=/secret`))).status).toBe(404);
      }
      expect(JSON.parse((await two.ask(two.ada, files(`root=${root}`))).text).files).toBeGreaterThan(0);
    }
    expect((await two.ask(two.ada, files('root=input&path=/secret'))).text).toMatch(SECRET);
    for (const other of [two.eve, two.sam, two.vic]) {
      const refused = await two.ask(other, files(`task=${two.task.id}`));
      expect(refused.status).toBe(403);
      expect(refused.text).not.toMatch(SECRET);
    }
    expect((await two.ask(two.ada, files(`task=${two.task.id}`))).text).toMatch(SECRET);
    expect((await two.ask(null, files('root=input'))).status).toBe(401);
    const scrub = { method: 'POST', body: '{}' };
    for (const other of [two.eve, two.sam, two.vic]) {
      const refused = await two.ask(other, '/api/v1/scrub', scrub);
      expect([refused.status, JSON.parse(refused.text).code]).toEqual([403, 'SCRUB_NOT_ALLOWED']);
    }
    expect((await two.ask(null, '/api/v1/scrub', scrub)).status).toBe(401);
    const lines = (await two.ask(two.ada, '/api/v1/scrub', scrub)).text.trim().split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ kind: 'end' });
  });

  it('lists nothing of others, and lets only administrators have codes for nodes', async () => {
    expect(JSON.parse((await two.ask(two.eve, '/api/v1/tasks')).text)).toMatchObject({ total: 0, items: [] });
    const code = await two.ask(two.eve, '/api/v1/node-codes', { method: 'POST', body: '{}' });
    expect(code).toMatchObject({ status: 403 });
    const key = await two.ask(two.eve, '/api/v1/keys', { method: 'POST', body: '{"name":"x"}' });
    expect(JSON.parse(key.text)).toMatchObject({ accountId: two.eve.accountId });
  });

  it('tells each account its own events only', async () => {
    const listen = async (key: Key) => {
      const target = '/api/v1/events';
      const headers = two.signature(key, 'GET', target);
      const stop = new AbortController();
      const response = await fetch(`${two.url}${target}`, { headers, signal: stop.signal });
      const heard: string[] = [];
      const reading = (async () => {
        for await (const chunk of response.body!) heard.push(Buffer.from(chunk).toString());
      })().catch(() => {});
      const end = () => {
        stop.abort();
        return reading;
      };
      return { heard, end };
    };
    const [hers, others] = [await listen(two.ada), await listen(two.eve)];
    await two.calls.setUserLevel(two.ada.accountId, two.task.id, 60);
    await expect.poll(() => hers.heard.join('')).toContain('"kind":"task"');
    expect(others.heard.join('')).not.toContain('"kind":"task"');
    expect(others.heard.join('')).not.toContain('"kind":"frame"');
    await Promise.all([hers.end(), others.end()]);
  });
});
