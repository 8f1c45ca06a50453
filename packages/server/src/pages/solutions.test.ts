/** The pages that `solutionPath` names: every code of the catalogue opens one that holds both languages and runs nothing. */
import { loadTips } from '@croft/dcc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { escapeHtml } from './page-style.ts';

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.close());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${test.server.url}${path}`, { headers, method, redirect: 'manual' });
const detail = '/api/render/submit/queryAnalyseErrorDetail';

describe('error detail', () => {
  it('answers every code of the catalogue, and each named page opens', async () => {
    const tips = await loadTips();
    const { code, data } = await test.call(detail, { codes: [...tips.keys()], language: 1 });
    expect(code).toBe(200);
    expect(data).toHaveLength(tips.size);
    for (const info of data as Record<string, unknown>[]) {
      const tip = tips.get(String(info.code))!;
      expect(info).toMatchObject({
        id: expect.any(Number),
        type: tip.severity === 'error' ? 1 : 0,
        languageFlag: 1,
        desDescriptionCn: tip.en.description,
        desSolutionCn: tip.en.solution,
        isRepair: tip.isRepairable ? 1 : 0,
        isOpen: tip.isIntercepted ? 1 : 0,
        isDelete: 1,
        lastModifyAdmin: '',
        updateTime: expect.any(Number),
      });
      const page = await get(String(info.solutionPath));
      expect([info.code, page.status]).toEqual([info.code, 200]);
      const html = await page.text();
      for (const text of [tip.en, tip.zh]) {
        expect(html).toContain(escapeHtml(text.description));
        expect(html).toContain(escapeHtml(text.solution));
      }
    }
  });

  it.each([
    ['a number', { code: 15000, language: 0 }, ['15000'], 0],
    ['text', { code: '15000', language: '0' }, ['15000'], 0],
    ['no language: Chinese, as documented', { code: '15000' }, ['15000'], 0],
    ['a list', { codes: ['15000', '10012'], language: '1' }, ['15000', '10012'], 1],
    [
      'a list of numbers with repetitions',
      { codes: [10012, 10012, '15000'], language: 1 },
      ['10012', '15000'],
      1,
    ],
    ['both', { code: '999', codes: ['10012'], language: 1 }, ['999', '10012'], 1],
    ['nobody knows it', { code: '424242', language: 1 }, ['424242'], 1],
    ['no number', { code: 'tips_code todo', language: 1 }, ['tips_code todo'], 1],
  ])('takes %s', async (_what, body, codes, language) => {
    for (const path of [detail, '/api/render/common/queryErrorDetail']) {
      const { code, data } = await test.call(path, body);
      expect(code).toBe(200);
      expect(data.map((info: { code: string }) => info.code)).toEqual(codes);
      for (const info of data) {
        expect(info.languageFlag).toBe(language);
        expect(/\p{Script=Han}/u.test(info.desDescriptionCn)).toBe(language === 0);
        expect(info.desSolutionCn).not.toBe('');
      }
    }
  });

  it('warns of unknown codes, stops for placeholders, and refuses what names none', async () => {
    for (const code of ['424242', '../x', `<b>${'9'.repeat(5000)}`]) {
      const [unknown] = (await test.call(detail, { code, language: 1 })).data;
      expect(unknown).toMatchObject({ type: 0, isOpen: 0 });
      expect(unknown.code.length).toBeLessThanOrEqual(100);
      expect((await get(unknown.solutionPath)).status).toBe(200);
    }
    expect((await test.call(detail, { code: 'tips_code todo' })).data[0].type).toBe(1);
    for (const body of [{}, { code: '' }, { codes: [] }, { code: null, language: 0 }])
      expect((await test.call(detail, body)).code).toBe(601);
    for (const body of [{ code: '999', language: 7 }, { code: '999', language: 'fr' }, { code: { a: 1 } }])
      expect((await test.call(detail, body)).code).toBe(600);
  });
});

describe('a solution page', () => {
  it('runs nothing, names its language, and may be kept', async () => {
    const page = await get('/files/solutions/10012?lang=zh');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('cache-control')).toBe('public, max-age=3600');
    const html = await page.text();
    expect(html).toContain('<html lang="zh-CN">');
    expect(html).not.toMatch(/<script|javascript:|https?:\/\/|\son\w+=/i);
    const again = await get('/files/solutions/10012?lang=zh', { 'if-none-match': page.headers.get('etag')! });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const head = await get('/files/solutions/10012?lang=zh', {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(Buffer.byteLength(html)),
      '',
    ]);
  });

  it('follows the browser where no language is named', async () => {
    const language = async (accept: string) =>
      /<html lang="([^"]+)"/.exec(
        await (await get('/files/solutions/10012', { 'accept-language': accept })).text(),
      )?.[1];
    expect(await language('zh-CN,zh;q=0.9,en;q=0.8')).toBe('zh-CN');
    expect(await language('de,en;q=0.8,zh;q=0.2')).toBe('en');
    expect(await language('fr')).toBe('en');
  });

  it('of a code that nobody knows is a page too, and says 404', async () => {
    const page = await get('/files/solutions/%3Cscript%3E');
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).not.toContain('<script>');
  });

  it('is linked from the list of all of them', async () => {
    const html = await (await get('/files/solutions?lang=en')).text();
    for (const code of (await loadTips()).keys())
      expect(html).toContain(`/files/solutions/${encodeURIComponent(code)}?lang=en`);
  });
});
