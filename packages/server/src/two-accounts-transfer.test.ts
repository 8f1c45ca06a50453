/** The transfer door and pictures between accounts: trees, blobs by their hash, unfinished uploads, tokens of attempts, pictures. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestKey as Key } from './testing/real-server.ts';
import { SECRET, startTwoAccounts, type TwoAccounts } from './testing/two-accounts.ts';

let two: TwoAccounts;
beforeAll(async () => {
  two = await startTwoAccounts();
});
afterAll(() => two.close());

describe('transfer door and pictures', () => {
  const T = '/transfer/v1';
  it('an account sees its own trees, and no bytes by their hash', async () => {
    for (const root of ['input', 'output']) {
      for (const stranger of [two.eve, two.sam, two.vic])
        expect(await two.ask(stranger, `${T}/trees/${root}`)).toMatchObject({ status: 200, text: '' });
      expect((await two.ask(two.ada, `${T}/trees/${root}`)).text).toMatch(SECRET);
    }
    const file = `${T}/trees/input/file?path=${encodeURIComponent('/secret/scene.blend')}`;
    expect((await two.ask(two.eve, file)).status).toBe(404);
    expect((await two.ask(two.ada, file)).text).toBe('a secret scene');
    for (const key of [two.eve, two.ada])
      expect((await two.ask(key, `${T}/blobs/${two.task.scene}`)).status).toBe(403);
    const question = { method: 'POST', body: `["${two.task.scene}",14]\n` };
    expect((await two.ask(two.eve, `${T}/missing`, question)).text).toBe('0\n');
    expect((await two.ask(two.ada, `${T}/missing`, question)).text).toBe('');
    const entry = { path: '/mine.blend', id: two.task.scene, size: 14, mtimeMs: 1 };
    const commit = { method: 'POST', body: `${JSON.stringify(entry)}\n` };
    expect((await two.ask(two.eve, `${T}/trees/input/commit`, commit)).text).toContain(
      'TRANSFER_BLOB_MISSING',
    );
    expect((await two.ask(two.eve, `${T}/trees/output/commit`, commit)).status).toBe(403);
    for (const target of ['/trees/input', file.slice(T.length), '/missing', `/blobs/${two.task.scene}`])
      expect(
        (await two.ask(null, T + target, { method: target === '/missing' ? 'POST' : 'GET' })).status,
      ).toBe(401);
  });

  it('outputs of a colleague open with the right to download, and close when it is taken back', async () => {
    const target = `${T}/trees/output?account=${two.ada.accountId}`;
    const file = `${T}/trees/output/file?account=${two.ada.accountId}&path=/${two.task.output}/0001.png`;
    const give = (download: boolean) =>
      two.calls.setTeamRight(two.ada.accountId, {
        memberId: two.vic.accountId,
        ownerId: two.ada.accountId,
        see: true,
        control: false,
        download,
      });
    for (const key of [two.eve, two.sam, two.vic]) expect((await two.ask(key, target)).status).toBe(403);
    await give(true);
    expect((await two.ask(two.vic, target)).text).toContain('0001.png');
    expect((await two.ask(two.vic, file)).text).toBe('a secret picture');
    expect((await two.ask(two.vic, `${T}/trees/input?account=${two.ada.accountId}`)).status).toBe(403);
    const { data } = await two.call(two.vic, '/api/render/handle/queryTaskInfo/v2', {
      taskIds: [two.task.id],
    });
    const pair = { 'croft-storage': data.items[0].bid, 'croft-account': String(two.ada.accountId) };
    expect((await two.ask(null, `${T}/trees/output`, { headers: pair })).text).toContain('0001.png');
    await give(false);
    for (const key of [two.eve, two.sam, two.vic]) expect((await two.ask(key, target)).status).toBe(403);
    expect(await two.calls.storageOwner(data.items[0].bid)).toBeNull();
  });

  it('unfinished uploads are the account’s own', async () => {
    const part = randomBytes(16 * 1024 * 1024);
    const rest = Buffer.from('rest');
    const hashes = [part, rest].map((bytes) => createHash('sha256').update(bytes).digest());
    const id = `sha256p-${createHash('sha256').update(Buffer.concat(hashes)).digest('hex')}`;
    const size = part.length + rest.length;
    const target = `${T}/uploads/${id}/1?size=${size}`;
    const sent = await two.ask(two.ada, target, {
      method: 'PUT',
      body: 'rest',
      headers: { 'croft-part-sha256': hashes[1]!.toString('hex') },
    });
    expect(sent).toMatchObject({ status: 200 });
    const partsOf = async (key: Key) => (await two.ask(key, `${T}/uploads/${id}?size=${size}`)).text;
    expect(await partsOf(two.ada)).toBe('{"parts":[1]}');
    expect(await partsOf(two.eve)).toBe('{"parts":[]}');
  });

  it('the token of an attempt opens its inputs, nothing else, and nothing once it ended', async () => {
    const headers = { authorization: `Bearer ${two.order.token}` };
    expect((await two.ask(null, `${T}/attempts/inputs`, { headers })).text).toContain('/secret/scene.blend');
    expect((await two.ask(null, `${T}/blobs/${two.task.scene}`, { headers })).text).toBe('a secret scene');
    expect((await two.ask(null, `${T}/blobs/${two.task.picture}`, { headers })).status).toBe(404);
    for (const root of ['config', 'input', 'output'])
      expect((await two.ask(null, `${T}/trees/${root}`, { headers })).status).toBe(403);
    expect((await two.ask(null, '/api/v1/tasks', { headers })).status).toBe(401);
    expect(
      (await two.ask(null, `${T}/attempts/inputs`, { headers: { authorization: 'Bearer x' } })).status,
    ).toBe(401);
    await two.calls.stopTasks(two.ada.accountId, [two.task.id]);
    for (const target of ['/attempts/inputs', `/blobs/${two.task.scene}`])
      expect((await two.ask(null, T + target, { headers })).status).toBe(401);
    const put = await two.ask(null, `${T}/missing`, { method: 'POST', body: '', headers });
    expect(put.status).toBe(401);
  });

  it('a picture is shown to whoever knows its name, and its name only', async () => {
    expect(await two.ask(null, two.task.capability)).toMatchObject({ status: 200, text: 'a secret picture' });
    for (const wrong of [
      '/files/',
      '/files/x',
      `${two.task.capability}x`,
      `/files/${two.task.picture}`,
      '/files/%2e%2e/farm',
    ])
      expect((await two.ask(null, wrong)).status).toBe(404);
  });
});
